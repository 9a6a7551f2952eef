// Where no code of a script may run. V8 has a scope for that, which lets functions of the embedder through; a script can make one of ours an
// accessor.
#ifndef PVB_ENGINE_NO_SCRIPT_H_
#define PVB_ENGINE_NO_SCRIPT_H_

#include "engine/isolate.h"
#include "engine/v8_compat.h"

namespace pvb {

// Functions of ours that a script has throw (our_function.h).
class BarOurFunctions {
 public:
  explicit BarOurFunctions(v8::Isolate* isolate) : isolate_(*Isolate::From(isolate)) { isolate_.BarFunctions(); }
  ~BarOurFunctions() { isolate_.UnbarFunctions(); }
  BarOurFunctions(const BarOurFunctions&) = delete;
  BarOurFunctions& operator=(const BarOurFunctions&) = delete;

 private:
  Isolate& isolate_;
};

// And so does everything else.
class NoScript {
 public:
  explicit NoScript(v8::Isolate* isolate)
      : scope_(isolate, v8::Isolate::DisallowJavascriptExecutionScope::THROW_ON_FAILURE), bar_(isolate) {}

 private:
  v8::Isolate::DisallowJavascriptExecutionScope scope_;
  BarOurFunctions bar_;
};

}  // namespace pvb

#endif  // PVB_ENGINE_NO_SCRIPT_H_
