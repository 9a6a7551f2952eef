/* pyv8bridge: the C API, and the only public header.
 *
 * Conventions
 *  1. Values cross only as messages (docs/format.md) or as V8 wire bytes: bytes in, bytes out.
 *  2. Handles (pvb_isolate, pvb_context) are opaque. `create` gives an owned one, `destroy` takes it; NULL is
 *     fine. Destroy in any order: a context keeps its isolate alive.
 *  3. Inputs are borrowed for the call. Strings are UTF-8 with a length, may hold NUL, and need no NUL at
 *     their end. What goes out may hold lone surrogates, as three-byte sequences (WTF-8).
 *  4. Every call that can fail returns a pvb_status, which is the truth, and fills a pvb_result. The result
 *     owns its bytes until pvb_result_clear; clearing one twice, or one that is all zero, is fine.
 *  5. Option structs begin with their own size; what lies past the size given keeps its default. All zero but for
 *     `size` is valid and means the defaults. A NULL options pointer does too.
 *  6. Any thread may call. Calls on one isolate wait for each other. No C++ exception leaves a function.
 *  7. pvb_isolate_terminate, pvb_handle_release and the destroy functions never wait for running JavaScript.
 */
#ifndef PYV8BRIDGE_H_
#define PYV8BRIDGE_H_

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define PVB_API __attribute__((visibility("default")))
#else
#define PVB_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef enum pvb_status {
  PVB_OK = 0,
  PVB_ERR_USAGE = 1,        /* wrong use of this API: a NULL, a bad option */
  PVB_ERR_ENCODE = 2,       /* a message that cannot become a JavaScript value: path, offset */
  PVB_ERR_DECODE = 3,       /* malformed message or wire bytes: offset */
  PVB_ERR_CLONE = 4,        /* a JavaScript value that cannot be cloned: path */
  PVB_ERR_JS = 5,           /* JavaScript threw: the result's bytes are the thrown value */
  PVB_ERR_SYNTAX = 6,       /* a script did not compile: as PVB_ERR_JS */
  PVB_ERR_TERMINATED = 7,   /* pvb_isolate_terminate */
  PVB_ERR_TIMEOUT = 8,      /* the call's time was up */
  PVB_ERR_MEMORY_LIMIT = 9, /* the isolate's memory limit was reached */
  PVB_ERR_CLOSED = 10,      /* the isolate or context is closed, or the handle let go of */
  PVB_ERR_FORK = 11,        /* used in a child forked after V8 was started */
  PVB_ERR_ENGINE = 12,      /* V8 or the system failed, or a C++ exception */
  PVB_ERR_NO_MEMORY = 13,
  PVB_ERR_NOT_FOUND = 14,  /* a name or path that leads nowhere */
  PVB_ERR_INTERRUPTED = 15 /* the poll hook, or a host function, ended the call */
} pvb_status;

typedef struct pvb_isolate pvb_isolate;
typedef struct pvb_context pvb_context;

typedef struct pvb_bytes {
  const uint8_t* data;
  size_t size;
} pvb_bytes;

typedef struct pvb_text {
  const char* data;
  size_t size;
} pvb_text;

/* A message with its attachments. */
typedef struct pvb_message {
  pvb_bytes bytes;
  const pvb_bytes* attachments;
  size_t attachment_count;
} pvb_message;

/* What went wrong. Fields that do not apply are zero. */
typedef struct pvb_error {
  pvb_status status;
  pvb_text message;     /* one sentence for a person */
  pvb_text path;        /* "$.rows[3].when" */
  uint64_t offset;      /* byte offset into the input, for PVB_ERR_DECODE and PVB_ERR_ENCODE */
  pvb_text filename;    /* where a script threw, or failed to compile */
  pvb_text source_line; /* the text of that line */
  int32_t line;         /* 1-based; 0 when unknown */
  int32_t column;       /* 1-based, in UTF-16 code units; 0 when unknown */
  int32_t end_column;   /* 1-based, behind the last unit */
  int32_t thrown_error; /* 1: the result's message is [error, name, properties] of a thrown Error;
                           0: it is the thrown value itself, or empty when there is none */
  uint64_t exception;   /* not 0: the thrown Error stands for that exception of a host function (pvb_host_throw) … */
  uint32_t exception_depth; /* … or not it, but its cause (1), that one's cause (2) … */
} pvb_error;

/* Where the time of one call went, in nanoseconds. Zero for hops that did not happen. */
typedef struct pvb_timings {
  uint64_t message_to_wire;
  uint64_t deserialize;
  uint64_t execute;
  uint64_t serialize;
  uint64_t wire_to_message;
  uint64_t garbage_collection; /* V8's, on this thread; the hops that it fell into count it as well */
} pvb_timings;

typedef struct pvb_result {
  pvb_message message;    /* the value, or the thrown value, or wire bytes (pvb_message_to_wire) */
  const pvb_error* error; /* NULL on PVB_OK */
  void* owner;            /* private */
} pvb_result;

PVB_API void pvb_result_clear(pvb_result* result);

/* Takes an attachment of the result's message over: its bytes stay where `message.attachments[index]` shows them, writable, until
 * pvb_buffer_destroy, whatever becomes of result, context and isolate. NULL when there is no such attachment, or it is taken. */
typedef struct pvb_buffer pvb_buffer;
PVB_API pvb_buffer* pvb_result_take_attachment(pvb_result* result, size_t index);
PVB_API void pvb_buffer_destroy(pvb_buffer* buffer);

/* ---- versions ---- */

#define PVB_VERSION "0.1.0"
PVB_API const char* pvb_version(void);    /* of the library: compare it with PVB_VERSION */
PVB_API const char* pvb_v8_version(void); /* "10.2.154.26-node.36" */

/* ---- the process ---- */

/* Called about every 50 ms on one thread of the caller's choice (a pthread_t) while that thread is in a call: it runs or waits.
 * What is not 0 ends the call with PVB_ERR_INTERRUPTED. The isolate that runs refuses calls from inside the hook. NULL: none. */
typedef int (*pvb_poll_hook)(void);
PVB_API void pvb_set_poll_hook(pvb_poll_hook hook, uint64_t thread);

/* Before the process exits: calls that run are terminated, and the function waits, at most so long, until no thread is inside.
 * Calls of other threads, those too, do not return any more; new ones of this thread give PVB_ERR_CLOSED. Returns how many
 * threads still are inside. */
PVB_API int pvb_shut_down(uint32_t milliseconds);

/* Native objects that are alive in the process. */
typedef struct pvb_live_objects {
  size_t size;
  int64_t isolates;
  int64_t contexts;
  int64_t handles;         /* JavaScript objects that are held on to */
  int64_t results;         /* not cleared yet */
  int64_t buffers;         /* pvb_buffer */
  int64_t host_references; /* host functions and exceptions that JavaScript holds on to */
} pvb_live_objects;

PVB_API pvb_status pvb_count_live_objects(pvb_live_objects* out);

/* ---- isolates ---- */

typedef struct pvb_isolate_options {
  size_t size;
  /* In bytes, for V8's heap, the contents of ArrayBuffers, and the buffers in which values cross, together. At least 8 MiB. 0: V8's
   * own limit for the heap, and none for the rest. */
  uint64_t memory_limit;
  int64_t timeout; /* defaults for the calls: see pvb_call_options */
  int64_t cpu_timeout;
  pvb_bytes
      snapshot; /* what pvb_snapshot_build gave, which V8 believes, for contexts to start from. Copied. Empty: none */
} pvb_isolate_options;

/* Makes a V8 isolate, and starts V8 with the first one. `result` reports errors only. */
PVB_API pvb_status pvb_isolate_create(const pvb_isolate_options* options, pvb_isolate** isolate, pvb_result* result);

/* Ends running JavaScript, waits until nobody is inside, and frees V8's heap. Later calls give PVB_ERR_CLOSED. Fine to
 * repeat. PVB_ERR_USAGE when called from inside a call on this isolate. */
PVB_API pvb_status pvb_isolate_close(pvb_isolate* isolate, pvb_result* result);

/* Gives up the handle; with the last handle on it or its contexts the isolate goes. Never touches V8 while another thread
 * is inside: the work is then done by that thread as it leaves, or at the next entry. */
PVB_API void pvb_isolate_destroy(pvb_isolate* isolate);

/* Makes the JavaScript that runs now, in any context of the isolate, end with PVB_ERR_TERMINATED. Does nothing when none runs. */
PVB_API pvb_status pvb_isolate_terminate(pvb_isolate* isolate);

/* The same for one call only: the one with that token, if it runs or is the next that begins. */
PVB_API pvb_status pvb_isolate_cancel(pvb_isolate* isolate, uint64_t token);

/* 1 when the calling thread is inside a call of this isolate, as it is in a hook: other threads cannot enter until it leaves. */
PVB_API int32_t pvb_isolate_entered(const pvb_isolate* isolate);

typedef struct pvb_heap_statistics {
  size_t size;
  uint64_t used_heap_bytes;
  uint64_t total_heap_bytes;
  uint64_t heap_limit_bytes;
  uint64_t external_bytes;
  uint64_t contexts;
  uint64_t handles; /* live entries in the handle tables of all contexts */
  uint64_t physical_heap_bytes;
  uint64_t malloced_bytes; /* V8's own structures outside the heap */
  uint64_t peak_malloced_bytes;
  uint64_t buffer_bytes;       /* contents of ArrayBuffers */
  uint64_t memory_limit_bytes; /* as it was asked for; 0: none */
  uint64_t detached_contexts;  /* closed ones that something still holds */
} pvb_heap_statistics;

PVB_API pvb_status pvb_isolate_heap_statistics(pvb_isolate* isolate, pvb_heap_statistics* out, pvb_result* result);

/* Collects all garbage. With `hard` not 0 also drops caches and returns free memory to the system. */
PVB_API pvb_status pvb_isolate_collect_garbage(pvb_isolate* isolate, int32_t hard, pvb_result* result);

/* Writes all objects of the isolate to an open file, as JSON in the format of Chrome's heap snapshots. */
PVB_API pvb_status pvb_isolate_heap_snapshot(pvb_isolate* isolate, int32_t file, pvb_result* result);

/* Samples the stack of JavaScript that the calling thread runs, every so many microseconds, until it is stopped. One at a time. */
PVB_API pvb_status pvb_isolate_cpu_profile_start(pvb_isolate* isolate, int32_t interval, pvb_result* result);

/* The result is [start, end, nodes, node id of each sample, time of each sample], times in microseconds of one clock. A node is
 * [id, function, script id, URL, line, column, hits, [id of a child, ...], [line, ticks, ...], why it is not optimised]; lines and
 * columns count from 1, 0: none. The first is the root. */
PVB_API pvb_status pvb_isolate_cpu_profile_stop(pvb_isolate* isolate, pvb_result* result);

typedef struct pvb_script {
  pvb_text code;
  pvb_text filename; /* default "<eval>" */
} pvb_script;

typedef struct pvb_snapshot_options {
  size_t size;
  int64_t timeout; /* for each script, as pvb_eval_options */
  int64_t cpu_timeout;
} pvb_snapshot_options;

/* Runs scripts in a context of their own. The result's bytes are for pvb_isolate_options.snapshot, under the same pvb_code_cache_tag.
 * V8 ends the process when it meets what it cannot write, such as WebAssembly: better done in a child process. */
PVB_API pvb_status pvb_snapshot_build(const pvb_script* scripts, size_t count, const pvb_snapshot_options* options,
                                      pvb_result* result);

/* ---- contexts ---- */

/* How trees of plain data cross; both ways give the same values. docs/shape-codec.md */
typedef enum pvb_codec {
  PVB_CODEC_AUTO = 0, /* whichever is faster for the message at hand, as far as can be told */
  PVB_CODEC_WIRE = 1, /* V8's serializer */
  PVB_CODEC_SHAPE =
      2 /* JavaScript that V8 compiles for the shapes of the data; what is not plain goes through the serializer still */
} pvb_codec;

typedef struct pvb_context_options {
  size_t size;
  uint64_t owner;    /* what the host hooks know the context by; 0 is fine without them */
  uint64_t importer; /* what the import hook is given for this context; 0: its scripts cannot import */
  pvb_codec codec;
} pvb_context_options;

PVB_API pvb_status pvb_context_create(pvb_isolate* isolate, const pvb_context_options* options, pvb_context** context,
                                      pvb_result* result);
PVB_API pvb_status pvb_context_close(pvb_context* context, pvb_result* result);
PVB_API void pvb_context_destroy(pvb_context* context);

/* ---- running code ---- */

/* How a result leaves: as a value (functions, and what cannot be cloned as a whole, become handles),
 * always as a handle when it is an object or symbol, or not at all. */
typedef enum pvb_result_mode { PVB_RESULT_VALUE = 0, PVB_RESULT_HANDLE = 1, PVB_RESULT_NONE = 2 } pvb_result_mode;

/* What to do with messages of large integers: see docs/format.md. */
typedef enum pvb_big_ints { PVB_BIG_INTS_BIGINT = 0, PVB_BIG_INTS_NUMBER = 1, PVB_BIG_INTS_ERROR = 2 } pvb_big_ints;

/* Memory of the caller's own for the bytes of Uint8Arrays that become attachments (what: 'x', docs/format.md), which saves a copy
 * where bytes objects own their memory. `allocate` is called inside the isolate, once for each in the order of the attachments, on the
 * thread that called; it must not use the isolate, and NULL means that there is no memory. The attachment shows that memory, and
 * pvb_result_take_attachment gives NULL for it. */
typedef struct pvb_bytes_allocator {
  uint8_t* (*allocate)(void* context, size_t size);
  void* context;
} pvb_bytes_allocator;

/* What V8 made of a script when it ran: V8 takes that the next time instead of compiling. V8 believes the bytes: pass only those that
 * came from here, whole, for the same source, name and first line and the same pvb_code_cache_tag. */
typedef struct pvb_code_cache {
  pvb_bytes data;    /* in: what an earlier run gave; empty: nothing */
  int32_t wanted;    /* in: 1: give `made` unless V8 took `data` */
  int32_t used;      /* out: V8 took `data` */
  pvb_bytes made;    /* out: shown until `owner` is destroyed; with the functions that the run compiled */
  pvb_buffer* owner; /* out: NULL when nothing was made */
} pvb_code_cache;

/* Differs between versions of V8, its flags, and kinds of CPU: what a code cache or snapshot is good for. */
PVB_API uint32_t pvb_code_cache_tag(void);

typedef struct pvb_eval_options {
  size_t size;
  pvb_text filename;   /* default "<eval>" */
  int32_t line_offset; /* 0-based line of the first line of code */
  pvb_result_mode mode;
  pvb_timings* timings; /* filled when not NULL */
  /* Binary values of at least this many bytes become attachments of the result. 0: none do. */
  uint64_t attach_from;
  /* 1: the result's ArrayBuffers move out, as postMessage transfers them: their memory becomes attachments of the result, and
   * JavaScript's objects are detached. A Uint8Array is then a view (ext 8). Buffers that only a getter gives, and resizable ones,
   * are copied. */
  int32_t transfer;
  /* How long the call may take, in nanoseconds from now on, waiting for other threads included; then PVB_ERR_TIMEOUT. 0: as the
   * isolate's options say; below 0: no limit. */
  int64_t timeout;
  int64_t cpu_timeout;                        /* the same for CPU time of the calling thread, from when it is inside */
  const pvb_bytes_allocator* bytes_allocator; /* NULL: the library's memory */
  pvb_code_cache* code_cache;                 /* may be NULL */
  uint64_t token; /* of the caller's choice, unique: pvb_isolate_cancel knows the call by it. 0: it does not */
} pvb_eval_options;

/* Compiles and runs a classic script; then runs the microtasks. The result is the value of its last expression statement. */
PVB_API pvb_status pvb_eval(pvb_context* context, pvb_text code, const pvb_eval_options* options, pvb_result* result);

typedef enum pvb_operation {
  PVB_CALL = 0,      /* target(...args) */
  PVB_CONSTRUCT = 1, /* new target(...args) */
  PVB_GET = 2,       /* target; args are ignored. PVB_ERR_NOT_FOUND when the last name does not exist */
  PVB_SET = 3,       /* target = args[0] */
  PVB_DELETE = 4,    /* delete target; the result is a boolean */
  PVB_HAS = 5,       /* does the target exist? a boolean */
  PVB_KEYS = 6       /* Object.keys(target) */
} pvb_operation;

typedef struct pvb_call_options {
  size_t size;
  pvb_operation operation;
  uint64_t base; /* the handle that the path starts from; 0: the global object */
  pvb_text path; /* "name", "a.b.c", or empty: the base itself. Its last step's object becomes `this`. From the global
                             object, a path of identifiers also sees let, const and class declarations of scripts */
  int32_t path_is_name; /* 1: the path is one property name, dots and all */
  int32_t has_this;     /* 1: the element after the last argument of the message is `this` */
  pvb_result_mode mode;
  pvb_big_ints big_ints;
  int32_t unique_keys; /* 1: the caller vouches that no map of the message has a key twice */
  pvb_timings* timings;
  uint64_t attach_from; /* as pvb_eval_options */
  int32_t transfer;
  int64_t timeout;
  int64_t cpu_timeout;
  const pvb_bytes_allocator* bytes_allocator; /* as pvb_eval_options */
  uint64_t token;
} pvb_call_options;

/* One crossing. `args` is a message whose root is an array of arguments; empty bytes mean no arguments. */
PVB_API pvb_status pvb_call(pvb_context* context, const pvb_call_options* options, pvb_message args,
                            pvb_result* result);

/* The same for small calls: a message without attachments that fits into `room`, which must not be NULL, is copied there, and its
 * size is returned; `result` is then empty, and needs no clearing. Else -1, and `result` is as pvb_call gives it: with an error, or
 * with PVB_OK (`error` is NULL) and the message that found no room. */
PVB_API int64_t pvb_call_into(pvb_context* context, const pvb_call_options* options, const uint8_t* args,
                              size_t args_size, uint8_t* room, size_t room_size, pvb_result* result);

/* Many calls in one crossing. `calls` is an array of arrays of arguments, none of them a graph or in attachments; each is called as
 * pvb_call does it, one after the other, up to the first that fails. `results` gets a message even then: an array of what each call
 * gave, nil for nothing. Each element is a whole message, a graph (ext 14) where pvb_call would give one; nothing is in attachments.
 * Its length says how many calls are done. With PVB_OK that may be fewer than were given, when the results have become large.
 * `failure` gets the error of the call that failed.
 * The options' time limits are for each call. `timeout` and `cpu_timeout`, in nanoseconds, if they are above 0, are for all of them
 * together. */
PVB_API pvb_status pvb_call_each(pvb_context* context, const pvb_call_options* options, int64_t timeout,
                                 int64_t cpu_timeout, pvb_bytes calls, pvb_result* results, pvb_result* failure);

/* Gives a handle up. Only queues: V8 is touched at the next entry. Unknown ids are ignored. */
PVB_API void pvb_handle_release(pvb_context* context, uint64_t handle);

/* The result is a handle on a new function (value, buffers) for scripts, which clones as HTML's structuredClone does; `buffers` is an
 * Array of the ArrayBuffers that move to the clone. */
PVB_API pvb_status pvb_structured_clone(pvb_context* context, pvb_result* result);

/* ---- host functions: JavaScript calls the embedder ---- */

/* What JavaScript holds of the embedder's: a host function, an exception, a watch on a promise. Ids are the embedder's choice, but
 * one id is used once in a process, whatever for. */
typedef struct pvb_host_reference {
  uint64_t owner; /* pvb_context_options.owner of its context */
  uint64_t id;
} pvb_host_reference;

/* An argument of a host function that is no data, such as a function. In the message of arguments nil stands in its place. Whoever
 * gets it has to release the handle. */
typedef struct pvb_argument_handle {
  uint32_t index;
  char kind; /* as in a message */
  uint64_t handle;
} pvb_argument_handle;

/* A call of a host function, while its hook runs. */
typedef struct pvb_host_call pvb_host_call;

typedef struct pvb_host_hooks {
  size_t size;
  /* Runs a host function, on the thread whose call runs JavaScript, which waits. `arguments` holds a message whose root is the array
   * of arguments, or is empty when there are none; it is the hook's to clear. The hook answers with one of the functions below; if
   * it does not, undefined comes back. It may call into the isolate again. The deadline of the call around it goes on; when it has
   * passed, JavaScript ends as soon as the hook returns. */
  void (*call)(uint64_t owner, uint64_t function, pvb_host_call* call, pvb_result* arguments,
               const pvb_argument_handle* handles, size_t handle_count);
  /* JavaScript has let go of these. On any thread, outside of all isolates. */
  void (*release)(const pvb_host_reference* references, size_t count);
  /* A watched promise (pvb_promise_watch) has been fulfilled, or, with PVB_ERR_JS, rejected. `result` is the hook's to clear. Inside
   * the isolate; or outside, at the end of a call that was stopped before it could tell. The hook need not expect a release. */
  void (*settle)(uint64_t owner, uint64_t watch, pvb_status status, pvb_result* result);
  /* At the end of a call: a promise was rejected, and nobody handles that. As above. */
  void (*reject)(uint64_t owner, pvb_status status, pvb_result* result);
} pvb_host_hooks;

/* For the process, before the first function is made. Copied. Hooks may be NULL. */
PVB_API pvb_status pvb_set_host_hooks(const pvb_host_hooks* hooks);

typedef struct pvb_function_options {
  size_t size;
  pvb_text name;
  int32_t pass_this;     /* 1: `this` is the first argument */
  int32_t handles;       /* 1: objects are arguments as handles, not as copies */
  int32_t max_arguments; /* those beyond are dropped; 0: all are taken, below 0: none */
} pvb_function_options;

/* A new JavaScript function that calls the hook with `id`. The result is a handle. On PVB_OK the release
 * hook will tell of `id` one day. */
PVB_API pvb_status pvb_function_create(pvb_context* context, uint64_t id, const pvb_function_options* options,
                                       pvb_result* result);
/* A handle on that function, or PVB_ERR_NOT_FOUND when JavaScript has let go of it. */
PVB_API pvb_status pvb_function_find(pvb_context* context, uint64_t id, pvb_result* result);
/* Whoever calls it from now on gets an Error. Unknown ids are fine. */
PVB_API pvb_status pvb_function_remove(pvb_context* context, uint64_t id, pvb_result* result);

/* In the hook `call`. The message's root is an array of the one value that comes back. On PVB_ERR_ENCODE nothing is answered yet. */
PVB_API pvb_status pvb_host_return(pvb_host_call* call, pvb_message value, pvb_big_ints big_ints, pvb_result* result);
/* The same for a message without attachments. On PVB_ERR_ENCODE pvb_host_return has the words. */
PVB_API pvb_status pvb_host_return_bytes(pvb_host_call* call, const uint8_t* value, size_t size, pvb_big_ints big_ints);
/* Throws an Error of that name and message, which stands for the exception `id`: pvb_error tells when it comes out again. `details`
 * may be empty, or an array: [cause]; or [value, properties], to throw the value instead, with more properties if it is an Error.
 * On PVB_OK the release hook will tell of `id` one day. */
PVB_API pvb_status pvb_host_throw(pvb_host_call* call, uint64_t id, pvb_text name, pvb_text message,
                                  pvb_message details, pvb_result* result);
/* Ends all JavaScript that runs in the isolate; the call around it gives PVB_ERR_INTERRUPTED. */
PVB_API void pvb_host_stop(pvb_host_call* call);
/* The same in any hook, for the innermost call that this thread is inside of. 0: it is inside of none. */
PVB_API int32_t pvb_host_interrupt(void);
/* How many calls of host functions this thread is inside of. */
PVB_API uint32_t pvb_host_depth(void);
/* Returns a new promise, which pvb_promise_settle settles. */
PVB_API void pvb_host_defer(pvb_host_call* call, uint64_t promise);

/* ---- promises ---- */

typedef struct pvb_settle_options {
  size_t size;
  int64_t timeout; /* as pvb_call_options, and the next two */
  int64_t cpu_timeout;
  uint64_t token;
  pvb_big_ints big_ints;
  /* Not 0: the promise is rejected, and the rest is as in pvb_host_throw; the value is the details. */
  uint64_t exception;
  pvb_text name;
  pvb_text message;
} pvb_settle_options;

/* Settles a promise of pvb_host_defer, then runs the microtasks. PVB_ERR_NOT_FOUND when it is unknown or settled. On PVB_ERR_ENCODE it
 * still is not. The value's root is an array of one. */
PVB_API pvb_status pvb_promise_settle(pvb_context* context, uint64_t promise, pvb_message value,
                                      const pvb_settle_options* options, pvb_result* result);

typedef struct pvb_watch_options {
  size_t size;
  int64_t timeout;
  int64_t cpu_timeout;
  uint64_t token;
  pvb_result_mode mode; /* as pvb_call_options, and the next two */
  uint64_t attach_from;
  int32_t transfer;
} pvb_watch_options;

/* Asks for the end of a promise, which is a handle: the settle hook is called once with `id`, perhaps before this returns. If the
 * promise becomes garbage before, only the release hook is. */
PVB_API pvb_status pvb_promise_watch(pvb_context* context, uint64_t promise, uint64_t id,
                                     const pvb_watch_options* options, pvb_result* result);

/* Runs what V8's own threads have left to do (the end of a WebAssembly compilation, Atomics.waitAsync) and the microtasks. */
PVB_API pvb_status pvb_run_tasks(pvb_context* context, const pvb_watch_options* options, pvb_result* result);
/* ---- ES modules ----
 *
 * The caller finds modules; V8 runs them. pvb_import, and import() in scripts, call the import hook, on the calling thread and inside
 * the isolate, with the number of the import. The hook learns what is wanted from pvb_import_describe, makes each module that is
 * missing with pvb_module_create, which lists what that imports, links it with pvb_module_link, and ends with pvb_import_settle or pvb_import_throw.
 * The deadline, and other limits of the call that the hook was called in, hold for all of that. */

/* `importer` is pvb_context_options.importer. What is not 0 ends the call with PVB_ERR_INTERRUPTED. */
typedef int (*pvb_import_hook)(uint64_t importer, uint64_t import);
PVB_API void pvb_set_import_hook(pvb_import_hook hook);

typedef struct pvb_import_options {
  size_t size;
  int64_t timeout; /* as pvb_eval_options, and the next two */
  int64_t cpu_timeout;
  uint64_t token;
  /* When the module still waits for something with a top-level await: gets a handle on the promise of its end, else 0, and the
   * namespace is given all the same. NULL: that is PVB_ERR_USAGE. */
  uint64_t* promise;
} pvb_import_options;

/* Imports a module and runs the microtasks. The result is a handle on its namespace. */
PVB_API pvb_status pvb_import(pvb_context* context, pvb_text specifier, const pvb_import_options* options,
                              pvb_result* result);

/* The result is [by pvb_import?, specifier, referrer or nil, [attribute, value, ...]]. */
PVB_API pvb_status pvb_import_describe(pvb_context* context, uint64_t import, pvb_result* result);

/* Instantiates and evaluates `module`, and settles the import with its namespace or with what went wrong, which is the result too:
 * PVB_ERR_SYNTAX when it could not be instantiated, PVB_ERR_JS when its code threw. */
PVB_API pvb_status pvb_import_settle(pvb_context* context, uint64_t import, uint64_t module, pvb_result* result);

/* Rejects the import with an Error that stands for the exception `id`, as pvb_host_throw throws one. On PVB_ERR_ENCODE and
 * PVB_ERR_NOT_FOUND nothing is rejected, and `id` is not taken. */
PVB_API pvb_status pvb_import_throw(pvb_context* context, uint64_t import, uint64_t id, pvb_text name, pvb_text message,
                                    pvb_message details, pvb_result* result);

typedef enum pvb_module_kind {
  PVB_MODULE_SOURCE = 0, /* of JavaScript */
  PVB_MODULE_JSON = 1,   /* JSON text, whose value is the export "default" */
  PVB_MODULE_VALUES = 2  /* the properties of an Object are its exports */
} pvb_module_kind;

typedef struct pvb_module_options {
  size_t size;
  pvb_text name; /* what errors and stacks call it, and imports of its own have as their referrer */
  pvb_module_kind kind;
  pvb_text source;
  pvb_message
      values; /* an array of one Object: the properties of import.meta, or the exports. May be empty for a source */
  pvb_big_ints big_ints; /* in `values` */
  pvb_bytes code_cache;  /* as pvb_code_cache.data, for modules */
  int32_t wants_code_cache;
  int32_t* code_cache_used; /* may be NULL */
} pvb_module_options;

/* Compiles a module. The result lists what it imports: [[specifier, line, column, [attribute, value, ...]], ...]. */
PVB_API pvb_status pvb_module_create(pvb_context* context, const pvb_module_options* options, uint64_t* module,
                                     pvb_result* result);

/* Says which module each import of `module` means, in the order of the list. */
PVB_API pvb_status pvb_module_link(pvb_context* context, uint64_t module, const uint64_t* targets, size_t count,
                                   pvb_result* result);

/* 1: its code has run to its end, past every top-level await, and did not throw. -1: the call was stopped that ran it, or what it
 * imports, so that it never will; a script that throws null may be taken for that. 0 otherwise. */
PVB_API pvb_status pvb_module_evaluated(pvb_context* context, uint64_t module, int32_t* evaluated, pvb_result* result);

/* Once, for a module that wanted one and did not use any: the result's bytes are its code cache. */
PVB_API pvb_status pvb_module_code_cache(pvb_context* context, uint64_t module, pvb_result* result);

/* Forgets a module that was made in vain. */
PVB_API pvb_status pvb_module_remove(pvb_context* context, uint64_t module, pvb_result* result);

/* ---- bytes to bytes, without an isolate ---- */

typedef enum pvb_host_objects {
  PVB_HOST_OBJECTS_REFUSE = 0,
  PVB_HOST_OBJECTS_NODE = 1 /* read views as Node's v8.serialize writes them */
} pvb_host_objects;

typedef struct pvb_wire_options {
  size_t size;
  pvb_host_objects host_objects;
  pvb_big_ints big_ints;
  uint32_t max_depth; /* 0: 500 */
} pvb_wire_options;

PVB_API pvb_status pvb_wire_to_message(pvb_bytes wire, const pvb_wire_options* options, pvb_result* result);
PVB_API pvb_status pvb_message_to_wire(pvb_message message, const pvb_wire_options* options, pvb_result* result);

#ifdef __cplusplus
}
#endif

#endif /* PYV8BRIDGE_H_ */
