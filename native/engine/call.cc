#include "engine/call.h"

#include <string>
#include <utility>
#include <vector>

#include "engine/collection_clock.h"
#include "engine/exception.h"
#include "engine/incoming_values.h"
#include "engine/target.h"

namespace pvb {
namespace {

using Values = std::vector<v8::Local<v8::Value>>;

// The result of the operation; empty when it failed, as Target has it: with the outcome filled, or an exception
// pending.
v8::MaybeLocal<v8::Value> Operate(const Frame& frame, const CallRequest& request, const Path& path,
                                  const Target& target, Values* arguments) {
  const auto boolean = [&frame](v8::Maybe<bool> answer) -> v8::MaybeLocal<v8::Value> {
    if (answer.IsNothing()) return {};
    return v8::Boolean::New(frame.isolate, answer.FromJust());
  };
  const auto not_found = [&](v8::Local<v8::Value> value, const char* wanted) -> v8::MaybeLocal<v8::Value> {
    frame.outcome->Fail(PVB_ERR_NOT_FOUND,
                        path.Quote(path.steps.size()) + " is not " + wanted + " but " + TypeInWords(value));
    return {};
  };

  switch (request.operation) {
    case PVB_HAS:
      return boolean(target.Has());
    case PVB_DELETE:
      return boolean(target.Delete());
    case PVB_SET:
      if (target.Set(arguments->front()).IsNothing()) return {};
      return v8::Undefined(frame.isolate);
    case PVB_GET:
    case PVB_CALL:
    case PVB_CONSTRUCT:
    case PVB_KEYS:
      break;
  }
  v8::Local<v8::Value> value;
  if (!target.Get().ToLocal(&value)) return {};
  if (request.operation == PVB_GET) return value;
  if (request.operation == PVB_KEYS) {
    if (value->IsNullOrUndefined()) return not_found(value, "an object");
    v8::Local<v8::Object> object;
    v8::Local<v8::Array> keys;
    const auto filter = static_cast<v8::PropertyFilter>(v8::ONLY_ENUMERABLE | v8::SKIP_SYMBOLS);
    if (!value->ToObject(frame.context).ToLocal(&object) ||
        !object->GetOwnPropertyNames(frame.context, filter, v8::KeyConversionMode::kConvertToString).ToLocal(&keys)) {
      return {};
    }
    return keys;
  }
  if (!value->IsFunction()) return not_found(value, "a function");
  v8::Local<v8::Value> receiver = target.receiver();
  if (request.has_this) {
    receiver = arguments->back();
    arguments->pop_back();
  }
  const v8::Local<v8::Object> function = value.As<v8::Object>();
  const int count = static_cast<int>(arguments->size());
  if (request.operation == PVB_CALL) {
    return function->CallAsFunction(frame.context, receiver, count, arguments->data());
  }
  if (!function->IsConstructor()) return not_found(value, "a constructor");
  return function->CallAsConstructor(frame.context, count, arguments->data());
}

bool TakesArguments(pvb_operation operation) {
  return operation == PVB_CALL || operation == PVB_CONSTRUCT || operation == PVB_SET;
}

// False: the outcome is filled.
bool CheckArguments(const Frame& frame, const CallRequest& request, const Path& path, const Values& arguments) {
  const bool needs_name = request.operation == PVB_SET || request.operation == PVB_DELETE;
  if (needs_name && path.steps.empty()) {
    frame.outcome->Fail(PVB_ERR_NOT_FOUND, "an empty path leads to nothing that can be set or deleted");
  } else if (request.operation == PVB_SET && arguments.size() != 1) {
    frame.outcome->Fail(PVB_ERR_USAGE, "to set takes one argument: the value");
  } else if (request.has_this && TakesArguments(request.operation) && arguments.empty()) {
    frame.outcome->Fail(PVB_ERR_USAGE, "`this` is missing among the arguments");
  } else {
    return true;
  }
  return false;
}

void CallInside(const Frame& frame, const CallRequest& request, const Path& path, IncomingValues* incoming,
                pvb_timings* timings) {
  const CollectionClock collections(frame.isolate, timings ? &timings->garbage_collection : nullptr);
  v8::Local<v8::Value> base;
  if (request.base != 0) {
    base = frame.state->handles.Find(frame.isolate, request.base);
    if (base.IsEmpty()) {
      frame.outcome->Fail(PVB_ERR_CLOSED, "the handle is not of this context, or was let go of");
      return;
    }
  }
  Values arguments;
  if (!incoming->Read(frame, timings, &arguments)) return;
  if (!CheckArguments(frame, request, path, arguments)) return;

  Stopwatch execution(timings ? &timings->execute : nullptr);
  v8::Local<v8::Value> value;
  {
    const v8::TryCatch caught(frame.isolate);
    Target target(frame, path, base);
    const bool done = target.Resolve() && Operate(frame, request, path, target, &arguments).ToLocal(&value);
    RunMicrotasks(frame);
    if (!done) {
      if (request.operation == PVB_HAS && frame.outcome->status == PVB_ERR_NOT_FOUND) {
        *frame.outcome = Outcome();  // the way there ends early: no
        value = v8::False(frame.isolate);
      } else {
        if (frame.outcome->status == PVB_OK) DescribeException(frame, caught, PVB_ERR_JS);
        return;
      }
    }
  }
  execution.Stop();
  WriteResult(frame, value, request.result, timings);
}

}  // namespace

void RunCall(const Context& context, const CallRequest& request, const pvb_message& arguments, pvb_timings* timings,
             Outcome* outcome) {
  const Deadline deadline = context.isolate()->DeadlineFor(request.time);
  Path path;
  if (!Path::Parse(request.path, request.path_is_name, &path)) {
    outcome->Fail(PVB_ERR_NOT_FOUND, "`" + std::string(request.path) + "` is no path: names with dots between them");
    return;
  }
  IncomingValues incoming;
  if (arguments.bytes.size != 0 && TakesArguments(request.operation)) {
    const Stopwatch watch(timings ? &timings->message_to_wire : nullptr);
    if (!incoming.Transcode(&context, arguments, request.big_ints, request.unique_keys, outcome, deadline)) return;
  }
  RunInContext(
      context, deadline, timings ? &timings->wire_to_message : nullptr, outcome,
      [&](const Frame& frame) { CallInside(frame, request, path, &incoming, timings); }, request.token);
}

}  // namespace pvb
