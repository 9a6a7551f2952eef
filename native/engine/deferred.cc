#include "engine/deferred.h"

#include <vector>

#include "engine/host_error.h"

namespace pvb {

v8::MaybeLocal<v8::Promise> MakeDeferred(const Frame& frame, uint64_t id) {
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(frame.context).ToLocal(&resolver)) return {};
  frame.state->deferreds[id].Reset(frame.isolate, resolver);
  return resolver->GetPromise();
}

void SettleDeferred(const Context& context, const SettleRequest& request, HostCall* reply, Outcome* outcome) {
  const Deadline deadline = context.isolate()->DeadlineFor(request.time);
  RunInContext(
      context, deadline, nullptr, outcome,
      [&](const Frame& frame) {
        auto& deferreds = frame.state->deferreds;
        const auto found = deferreds.find(request.id);
        const HostReference exception{reply->function().owner, reply->exception().id};
        const bool throws = reply->reply() == HostCall::Reply::kThrow;
        if (found == deferreds.end()) {
          if (throws) Isolate::From(frame.isolate)->host_references()->Release(exception);
          return frame.outcome->Fail(PVB_ERR_NOT_FOUND, "there is no such promise, or it is settled");
        }
        const v8::Local<v8::Promise::Resolver> resolver = found->second.Get(frame.isolate);
        deferreds.erase(found);
        const v8::TryCatch ignored(frame.isolate);
        std::vector<v8::Local<v8::Value>> values;
        const bool read = reply->message()->Read(frame, nullptr, &values);
        if (!read) values.clear();
        if (throws) {
          resolver->Reject(frame.context, MakeHostError(frame, exception, reply->exception(), values)).FromMaybe(false);
        } else if (!read) {
          resolver->Reject(frame.context, MakeNamedError(frame, "EncodeError", frame.outcome->text)).FromMaybe(false);
        } else {
          const v8::Local<v8::Value> value =
              values.empty() ? v8::Undefined(frame.isolate).As<v8::Value>() : values.front();
          resolver->Resolve(frame.context, value).FromMaybe(false);
        }
        *frame.outcome = Outcome();
        RunMicrotasks(frame);
      },
      request.token);
}

}  // namespace pvb
