// Which RegExp of a message does not compile. V8's deserializer says that one does not, and nothing of where it stands.
#ifndef PVB_ENGINE_BAD_REGEXP_H_
#define PVB_ENGINE_BAD_REGEXP_H_

#include "engine/context.h"
#include "transcode/msgpack_to_wire.h"

namespace pvb {

// Transcodes `message` once more, with V8 looking at each RegExp. True: there is a bad one, and the frame's outcome has its path.
bool FindBadRegExp(const Frame& frame, const pvb_message& message, ToWireOptions options);

}  // namespace pvb

#endif  // PVB_ENGINE_BAD_REGEXP_H_
