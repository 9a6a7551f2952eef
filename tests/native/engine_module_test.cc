// ES modules through the C API: the caller drives, and what it does wrong is said and not suffered.
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "engine_fixture.h"

using namespace pvb::testing;  // NOLINT

namespace {

constexpr uint64_t kImporter = 7;

// What the import hook does, for as long as it lives.
class Hook {
 public:
  using Body = std::function<int(uint64_t importer, uint64_t import)>;

  explicit Hook(Body body) {
    body_ = std::move(body);
    pvb_set_import_hook([](uint64_t importer, uint64_t import) { return body_(importer, import); });
  }
  ~Hook() { pvb_set_import_hook(nullptr); }
  Hook(const Hook&) = delete;
  Hook& operator=(const Hook&) = delete;

 private:
  inline static Body body_;
};

struct ModuleEngine {
  ModuleEngine() {
    pvb_isolate_create(nullptr, &isolate, nullptr);
    pvb_context_options options{};
    options.size = sizeof(options);
    options.importer = kImporter;
    pvb_context_create(isolate, &options, &context, nullptr);
  }
  ~ModuleEngine() {
    pvb_context_destroy(context);
    pvb_isolate_destroy(isolate);
  }
  ModuleEngine(const ModuleEngine&) = delete;
  ModuleEngine& operator=(const ModuleEngine&) = delete;

  uint64_t Create(std::string_view name, std::string_view source, Result* made = nullptr) const {
    pvb_module_options options{};
    options.size = sizeof(options);
    options.name = Text(name);
    options.source = Text(source);
    uint64_t module = 0;
    pvb_result result{};
    const Result taken = Take(pvb_module_create(context, &options, &module, &result), &result);
    if (made != nullptr) *made = taken;
    return module;
  }

  Result Import(std::string_view specifier) const {
    pvb_result result{};
    return Take(pvb_import(context, Text(specifier), nullptr, &result), &result);
  }

  Result Settle(uint64_t import, uint64_t module) const {
    pvb_result result{};
    return Take(pvb_import_settle(context, import, module, &result), &result);
  }

  Result Eval(std::string_view code) const {
    pvb_result result{};
    return Take(pvb_eval(context, Text(code), nullptr, &result), &result);
  }

  pvb_isolate* isolate = nullptr;
  pvb_context* context = nullptr;
};

}  // namespace

TEST_CASE("an import calls the hook, and gives what it settles with") {
  const ModuleEngine engine;
  const Hook hook([&](uint64_t importer, uint64_t import) {
    CHECK(importer == kImporter);
    pvb_result described{};
    const Result wanted = Take(pvb_import_describe(engine.context, import, &described), &described);
    CHECK(wanted.bytes == Array({Bool(true), Str("app"), "\xC0", Array({})}));
    Result made;
    const uint64_t app = engine.Create("app.js", "\nimport { n } from 'lib'; globalThis.n = n", &made);
    CHECK(made.bytes == Array({Array({Str("lib"), Int(2), Int(19), Array({})})}));
    const uint64_t lib = engine.Create("lib.js", "export const n = 42");
    CHECK(pvb_module_link(engine.context, app, &lib, 1, nullptr) == PVB_OK);
    CHECK(engine.Settle(import, app).status == PVB_OK);
    int32_t evaluated = 0;
    CHECK(pvb_module_evaluated(engine.context, lib, &evaluated, nullptr) == PVB_OK);
    CHECK(evaluated == 1);
    return 0;
  });
  const Result result = engine.Import("app");
  CHECK(result.status == PVB_OK);
  CHECK(HandleId(result.bytes, 'o') != 0);
  CHECK(engine.Eval("n").bytes == Int(42));
}

TEST_CASE("a hook that settles nothing, and one that ends the call") {
  const ModuleEngine engine;
  {
    const Hook hook([](uint64_t, uint64_t) { return 0; });
    CHECK(engine.Import("app").status == PVB_ERR_USAGE);
  }
  {
    const Hook hook([](uint64_t, uint64_t) { return 1; });
    CHECK(engine.Import("app").status == PVB_ERR_INTERRUPTED);
  }
  CHECK(engine.Eval("1").bytes == Int(1));
}

TEST_CASE("import() asks the hook after the script, and again for what that imports") {
  const ModuleEngine engine;
  std::vector<uint64_t> asked;
  const Hook hook([&](uint64_t, uint64_t import) {
    asked.push_back(import);
    const uint64_t module = engine.Create("m" + std::to_string(asked.size()),
                                          asked.size() < 3 ? "await import('next'); order.push(1)" : "order.push(2)");
    CHECK(engine.Settle(import, module).status == PVB_OK);
    return 0;
  });
  CHECK(engine.Eval("var order = []; import('first'); order.push(0); 0").status == PVB_OK);
  CHECK(asked.size() == 3);
  CHECK(engine.Eval("String(order)").bytes == Str("0,2,1,1"));
}

TEST_CASE("what is not linked, not there, or not of this context") {
  const ModuleEngine engine;
  const ModuleEngine other;
  const uint64_t foreign = other.Create("lib.js", "export const n = 1");
  const auto settled_with = [&](const std::function<uint64_t()>& make) {
    Result result;
    const Hook hook([&](uint64_t, uint64_t import) {
      result = engine.Settle(import, make());
      return 0;
    });
    CHECK(engine.Import("app").status != PVB_OK);
    return result;
  };
  const Result unlinked = settled_with([&] { return engine.Create("a", "import 'lib'"); });
  CHECK(unlinked.status == PVB_ERR_SYNTAX);
  CHECK(unlinked.message == "Error: nobody linked the import of lib");
  const Result elsewhere = settled_with([&] {
    const uint64_t module = engine.Create("a", "import 'lib'");
    CHECK(pvb_module_link(engine.context, module, &foreign, 1, nullptr) == PVB_OK);
    return module;
  });
  CHECK(elsewhere.status == PVB_ERR_SYNTAX);
  CHECK(settled_with([&] { return foreign; }).status == PVB_ERR_NOT_FOUND);
  CHECK(settled_with([&] {
          const uint64_t module = engine.Create("a", "");
          CHECK(pvb_module_remove(engine.context, module, nullptr) == PVB_OK);
          return module;
        }).status == PVB_ERR_NOT_FOUND);
  CHECK(engine.Settle(999999, 1).status == PVB_ERR_NOT_FOUND);
}

TEST_CASE("a module that waits with a top-level await: an error, or the promise of its end") {
  const ModuleEngine engine;
  uint64_t module = 0;
  const Hook hook([&](uint64_t, uint64_t import) {
    if (module == 0)
      module = engine.Create("a", "export const n = await new Promise((done) => { globalThis.go = done })");
    CHECK(engine.Settle(import, module).status == PVB_OK);
    return 0;
  });
  const auto evaluated = [&] {
    int32_t answer = -1;
    CHECK(pvb_module_evaluated(engine.context, module, &answer, nullptr) == PVB_OK);
    return answer;
  };
  const auto import = [&](uint64_t* promise) {
    pvb_import_options options{};
    options.size = sizeof(options);
    options.promise = promise;
    pvb_result result{};
    return Take(pvb_import(engine.context, Text("a"), &options, &result), &result);
  };
  CHECK(import(nullptr).status == PVB_ERR_USAGE);
  CHECK(evaluated() == 0);
  uint64_t promise = 0;
  const Result waiting = import(&promise);
  CHECK(waiting.status == PVB_OK);
  CHECK(HandleId(waiting.bytes, 'o') != 0);
  CHECK(promise != 0);
  CHECK(promise != HandleId(waiting.bytes, 'o'));
  CHECK(engine.Eval("go(7); 0").status == PVB_OK);
  CHECK(evaluated() == 1);
  CHECK(import(&promise).status == PVB_OK);
  CHECK(promise == 0);
}

TEST_CASE("a module that was stopped") {
  const ModuleEngine engine;
  uint64_t module = 0;
  const Hook hook([&](uint64_t, uint64_t import) {
    if (module == 0) module = engine.Create("a", "for (;;);");
    engine.Settle(import, module);
    return 0;
  });
  pvb_import_options options{};
  options.size = sizeof(options);
  options.timeout = 50'000'000;
  pvb_result result{};
  CHECK(Take(pvb_import(engine.context, Text("a"), &options, &result), &result).status == PVB_ERR_TIMEOUT);
  int32_t evaluated = 0;
  CHECK(pvb_module_evaluated(engine.context, module, &evaluated, nullptr) == PVB_OK);
  CHECK(evaluated == -1);
  CHECK(engine.Import("a").status == PVB_ERR_JS);
}

TEST_CASE("an import is rejected with an Error that stands for an exception") {
  const ModuleEngine engine;
  constexpr uint64_t kException = 4711;
  pvb_status answers[4] = {};
  const Hook hook([&](uint64_t, uint64_t import) {
    const auto rejected = [&](uint64_t number, uint64_t id) {
      return pvb_import_throw(engine.context, number, id, Text("Lookup"), Text("no"), {}, nullptr);
    };
    answers[0] = rejected(999999, kException);
    answers[1] = rejected(import, 0);
    answers[2] = rejected(import, kException);
    return 0;
  });
  pvb_result result{};
  pvb_status status = pvb_import(engine.context, Text("a"), nullptr, &result);
  CHECK(answers[0] == PVB_ERR_NOT_FOUND);
  CHECK(answers[1] == PVB_ERR_USAGE);
  CHECK(answers[2] == PVB_OK);
  CHECK(status == PVB_ERR_JS);
  REQUIRE(result.error != nullptr);
  CHECK(result.error->exception == kException);
  pvb_result_clear(&result);
  CHECK(engine.Eval("var seen; import('a').catch((e) => { seen = `${e instanceof Error} ${e.name} ${e.message}` }); 0")
            .status == PVB_OK);
  CHECK(engine.Eval("seen").bytes == Str("true Lookup no"));
}

TEST_CASE("wrong use") {
  const ModuleEngine engine;
  const uint64_t module = engine.Create("a", "import 'lib'");
  const uint64_t targets[2] = {1, 2};
  CHECK(pvb_module_link(engine.context, module, targets, 2, nullptr) == PVB_ERR_USAGE);
  CHECK(pvb_module_link(engine.context, module, nullptr, 1, nullptr) == PVB_ERR_USAGE);
  CHECK(pvb_module_link(nullptr, module, targets, 1, nullptr) == PVB_ERR_USAGE);
  CHECK(pvb_module_evaluated(engine.context, module, nullptr, nullptr) == PVB_ERR_USAGE);
  CHECK(pvb_module_create(engine.context, nullptr, nullptr, nullptr) == PVB_ERR_USAGE);
  pvb_module_options options{};
  uint64_t made = 0;
  CHECK(pvb_module_create(engine.context, &options, &made, nullptr) == PVB_ERR_USAGE);
  options.size = sizeof(options);
  options.kind = PVB_MODULE_VALUES;
  CHECK(pvb_module_create(engine.context, &options, &made, nullptr) == PVB_ERR_USAGE);
  const std::string number = Array({Int(1)});
  options.values.bytes = {reinterpret_cast<const uint8_t*>(number.data()), number.size()};
  CHECK(pvb_module_create(engine.context, &options, &made, nullptr) == PVB_ERR_USAGE);
  const Engine plain;
  CHECK(pvb_import(plain.context, Text("a"), nullptr, nullptr) == PVB_ERR_USAGE);
}

TEST_CASE("a code cache is given and used once the script has run") {
  const std::string script = "function f(n) { return n + 1 } f(41)";
  // In an isolate of its own: V8 also remembers what it has compiled.
  const auto run = [&](pvb_code_cache* cache) {
    const Engine engine;
    pvb_eval_options options{};
    options.size = sizeof(options);
    options.code_cache = cache;
    pvb_result result{};
    return Take(pvb_eval(engine.context, Text(script), &options, &result), &result).bytes;
  };
  pvb_code_cache first{};
  CHECK(run(&first) == Int(42));
  CHECK(first.owner == nullptr);  // none was wanted
  first.wanted = 1;
  CHECK(run(&first) == Int(42));
  REQUIRE(first.owner != nullptr);
  pvb_code_cache second{};
  second.data = first.made;
  second.wanted = 1;
  CHECK(run(&second) == Int(42));
  CHECK(second.used == 1);
  CHECK(second.owner == nullptr);
  pvb_buffer_destroy(first.owner);
  pvb_code_cache wrong{};
  const uint8_t junk[64] = {1, 2, 3};
  wrong.data = {junk, sizeof(junk)};
  CHECK(run(&wrong) == Int(42));
  CHECK(wrong.used == 0);
}

TEST_CASE("a profile that is not stopped goes with its isolate") {
  const Engine engine;
  CHECK(pvb_isolate_cpu_profile_start(engine.isolate, 1000, nullptr) == PVB_OK);
  CHECK(pvb_isolate_cpu_profile_start(engine.isolate, 1000, nullptr) == PVB_ERR_USAGE);
  CHECK(pvb_isolate_cpu_profile_start(engine.isolate, 0, nullptr) == PVB_ERR_USAGE);
  CHECK(engine.Eval("for (let i = 0; i < 1e6; i++);").status == PVB_OK);
}
