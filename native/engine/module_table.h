// The ES modules of one context, by number: what V8 has of each, and where its imports lead. Touched only inside the
// isolate; which module a name stands for, the embedder decides.
#ifndef PVB_ENGINE_MODULE_TABLE_H_
#define PVB_ENGINE_MODULE_TABLE_H_

#include <cstdint>
#include <string>
#include <unordered_map>

#include "engine/v8_compat.h"

namespace pvb {

struct ModuleRecord {
  v8::Global<v8::Module> module;
  v8::Global<v8::Value> meta;                         // an Object whose properties import.meta gets
  v8::Global<v8::Object> exports;                     // of a module of values, until it is evaluated
  v8::Global<v8::UnboundModuleScript> script;         // of a source, for its code cache
  std::unordered_map<std::string, uint64_t> targets;  // by the key of a request
};

class ModuleTable {
 public:
  // Ids are never 0 and never used again, in any context.
  uint64_t Add(v8::Isolate* isolate, v8::Local<v8::Module> module);

  // Null when there is no such module.
  ModuleRecord* Find(uint64_t id);
  ModuleRecord* Find(v8::Isolate* isolate, v8::Local<v8::Module> module);

  // Forgets the module; those that import it keep it alive in V8.
  void Remove(v8::Isolate* isolate, uint64_t id);

 private:
  std::unordered_map<uint64_t, ModuleRecord> records_;
  std::unordered_multimap<int, uint64_t> by_hash_;
};

}  // namespace pvb

#endif  // PVB_ENGINE_MODULE_TABLE_H_
