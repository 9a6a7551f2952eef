#include "engine/our_function.h"

namespace pvb {

// Running anything makes V8 look.
void Unwind(v8::Isolate* isolate) {
  isolate->TerminateExecution();
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  const v8::TryCatch caught(isolate);
  v8::Local<v8::Script> script;
  if (v8::Script::Compile(context, v8::String::Empty(isolate)).ToLocal(&script)) {
    static_cast<void>(script->Run(context).IsEmpty());
  }
}

}  // namespace pvb
