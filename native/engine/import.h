// Imports from end to end: somebody asks for a module, the embedder finds it, it is instantiated and evaluated, and who
// asked gets its namespace. import() and the embedder's own imports take the same way.
#ifndef PVB_ENGINE_IMPORT_H_
#define PVB_ENGINE_IMPORT_H_

#include <cstdint>
#include <string_view>

#include "engine/context.h"
#include "engine/host_call.h"
#include "engine/outcome.h"

namespace pvb {

// As pvb_import_options.
struct ImportRequest {
  std::string_view specifier;
  TimeLimits time;
  uint64_t token = 0;
  uint64_t* promise = nullptr;
};

// The embedder's own: asks its hook at once, runs microtasks as a call does, and gives a handle on the namespace.
// An import that is not settled by then is an error, or given with the promise of its end.
void Import(const Context& context, const ImportRequest& request, Outcome* outcome);

// The outcome's message says what is asked for: [by the embedder?, specifier, referrer or nil, [key, value, …]].
void DescribeImport(const Context& context, uint64_t import, Outcome* outcome);

// Instantiates and evaluates the module that was found, and settles the import with what comes of it. The outcome says
// what went wrong: PVB_ERR_SYNTAX when it could not be instantiated, PVB_ERR_JS when its code threw.
void SettleImport(const Context& context, uint64_t import, uint64_t module, Outcome* outcome);

// Rejects the import with an Error for the exception that `reply` throws.
void RejectImport(const Context& context, uint64_t import, HostCall* reply, Outcome* outcome);

// Has the embedder serve what scripts have asked for with import(), until nothing is left. True if there was anything:
// microtasks are due then.
bool ServeImports(const Frame& frame);

// For Isolate::SetHostImportModuleDynamicallyCallback: queues the import, for ServeImports.
v8::MaybeLocal<v8::Promise> QueueImport(v8::Local<v8::Context> context, v8::Local<v8::Data> host_defined_options,
                                        v8::Local<v8::Value> referrer, v8::Local<v8::String> specifier,
                                        v8::Local<v8::FixedArray> attributes);

}  // namespace pvb

#endif  // PVB_ENGINE_IMPORT_H_
