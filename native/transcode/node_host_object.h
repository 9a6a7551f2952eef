// Views as Node's v8.serialize writes them: host objects of a type index, a byte length and the bytes.
#ifndef PVB_TRANSCODE_NODE_HOST_OBJECT_H_
#define PVB_TRANSCODE_NODE_HOST_OBJECT_H_

#include "transcode/delegate_hook.h"

namespace pvb {

class NodeHostObjects : public DelegateHook {
 public:
  bool Read(wire::Tag tag, wire::Reader* reader, DelegatedValue* value) override;
};

}  // namespace pvb

#endif  // PVB_TRANSCODE_NODE_HOST_OBJECT_H_
