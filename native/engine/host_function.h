// Functions that JavaScript calls and the embedder runs: what crosses is a message each way, as in a call the other way
// round (call.h).
#ifndef PVB_ENGINE_HOST_FUNCTION_H_
#define PVB_ENGINE_HOST_FUNCTION_H_

#include <cstdint>
#include <string_view>

#include "engine/context.h"
#include "engine/host_reference.h"

namespace pvb {

// A new function, as a handle.
void CreateHostFunction(const Context& context, uint64_t id, std::string_view name,
                        const HostFunctionSettings& settings, Outcome* outcome);

// A handle on the function of that id, while it lives; else PVB_ERR_NOT_FOUND.
void FindHostFunction(const Context& context, uint64_t id, Outcome* outcome);

// From here on it throws. Unknown ids are ignored.
void RemoveHostFunction(const Context& context, uint64_t id, Outcome* outcome);

}  // namespace pvb

#endif  // PVB_ENGINE_HOST_FUNCTION_H_
