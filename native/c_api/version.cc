// What this library is, and which V8 it runs on.
#include "engine/v8_compat.h"
#include "pyv8bridge.h"

const char* pvb_version(void) { return PVB_VERSION; }

const char* pvb_v8_version(void) { return v8::V8::GetVersion(); }
