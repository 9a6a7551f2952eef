// What a pvb_host_call is: a look at the engine's, for as long as the hook runs.
#ifndef PVB_C_API_HOST_CALL_H_
#define PVB_C_API_HOST_CALL_H_

#include "engine/host_call.h"
#include "pyv8bridge.h"

struct pvb_host_call {
  pvb::HostCall* call;
};

#endif  // PVB_C_API_HOST_CALL_H_
