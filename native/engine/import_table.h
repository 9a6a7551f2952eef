// The imports of one context that wait for the embedder to find, compile and link a module: those that scripts ask for
// with import(), and the embedder's own.
#ifndef PVB_ENGINE_IMPORT_TABLE_H_
#define PVB_ENGINE_IMPORT_TABLE_H_

#include <cstdint>
#include <string>
#include <unordered_map>

#include "engine/v8_compat.h"

namespace pvb {

struct PendingImport {
  v8::Global<v8::Promise::Resolver> resolver;
  v8::Global<v8::String> specifier;
  v8::Global<v8::Value> referrer;    // the name of the script or module that asks; undefined when nobody does
  v8::Global<v8::Array> attributes;  // keys and values, one after the other
  bool by_embedder = false;
  uint64_t module = 0;  // what it led to, once settled
};

// An import that the embedder has not been told of yet.
struct DueImport {
  uint64_t context;
  uint64_t importer;
  uint64_t import;
};

class ImportTable {
 public:
  // What the embedder calls itself in this context; 0: there is nobody who could import.
  uint64_t importer() const { return importer_; }
  void set_importer(uint64_t importer) { importer_ = importer; }

  // Ids are never 0 and never used again, in any context.
  uint64_t Add(PendingImport import);

  // Null when it is unknown.
  PendingImport* Find(uint64_t id);
  void Remove(uint64_t id) { pending_.erase(id); }

 private:
  uint64_t importer_ = 0;
  std::unordered_map<uint64_t, PendingImport> pending_;
};

}  // namespace pvb

#endif  // PVB_ENGINE_IMPORT_TABLE_H_
