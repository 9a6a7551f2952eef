/* What encode.py asks of a value before a MessagePack library writes it, and of the message after. Walks Python's own containers, calls no
 * Python code, and knows nothing of the native library.
 *
 * In C because asking in Python took longer than the writing. Not in the module that cffi makes, whose functions let go of the GIL.
 */
#include <pyconfig.h>
#ifndef Py_GIL_DISABLED /* which has no limited API */
#define Py_LIMITED_API 0x030A0000
#endif
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <string.h>

/* The MessagePack library refuses what is nested more deeply, a cycle for instance. */
enum { MAX_DEPTH = 1000 };

/* A set of objects: open addressing, at most half full. */
struct seen {
  PyObject** slots;
  size_t size; /* a power of two, or none yet */
  size_t used;
};

struct walk {
  long long left;         /* elements that may still be met */
  int look_for_binary;    /* stop at the first binary data; otherwise at nothing */
  long long least_binary; /* bytes; less is passed over */
  struct seen* seen;      /* enter each container once; without, as often as it is met */
};

static PyObject** slot_of(const struct seen* seen, PyObject* object) {
  size_t at = ((size_t)object >> 4) * (size_t)0x9E3779B97F4A7C15ull;
  for (at ^= at >> 32;; ++at) {
    PyObject** const slot = &seen->slots[at & (seen->size - 1)];
    if (*slot == NULL || *slot == object) return slot;
  }
}

static int grow(struct seen* seen) {
  const struct seen old = *seen;
  seen->size = old.size == 0 ? 1024 : 2 * old.size;
  seen->slots = PyMem_Calloc(seen->size, sizeof(PyObject*));
  if (seen->slots == NULL) {
    *seen = old;
    PyErr_NoMemory();
    return 0;
  }
  for (size_t i = 0; i < old.size; ++i) {
    if (old.slots[i] != NULL) *slot_of(seen, old.slots[i]) = old.slots[i];
  }
  PyMem_Free(old.slots);
  return 1;
}

/* 1: it was not there; 0: it was; -1 with MemoryError. */
static int add(struct seen* seen, PyObject* object) {
  if (2 * seen->used >= seen->size && !grow(seen)) return -1;
  PyObject** const slot = slot_of(seen, object);
  if (*slot != NULL) return 0;
  *slot = object;
  ++seen->used;
  return 1;
}

static int is_binary(const struct walk* walk, PyObject* value) {
  PyTypeObject* const type = Py_TYPE(value);
  if (type == &PyBytes_Type) return PyBytes_Size(value) >= walk->least_binary;
  if (type == &PyByteArray_Type) return PyByteArray_Size(value) >= walk->least_binary;
  return type == &PyMemoryView_Type; /* of whatever size: the limited API does not tell */
}

static int enter(struct walk* walk, PyObject* container, int depth);

/* These return whether to go on. */
static int meet(struct walk* walk, PyObject* value, int depth) {
  if (walk->left-- <= 0) return 0;
  PyTypeObject* const type = Py_TYPE(value);
  if (type == &PyDict_Type || type == &PyList_Type || type == &PyTuple_Type) return enter(walk, value, depth);
  return !walk->look_for_binary || !is_binary(walk, value);
}

static int enter(struct walk* walk, PyObject* container, int depth) {
  PyTypeObject* const type = Py_TYPE(container);
  if (depth == MAX_DEPTH) return 1;
  if (walk->seen != NULL) {
    const int is_new = add(walk->seen, container);
    if (is_new != 1) return is_new == 0;
  }
  if (type == &PyDict_Type) {
    if (!walk->look_for_binary && !PyObject_GC_IsTracked(container)) {
      /* Records are: nothing in it can hold anything. */
      walk->left -= PyDict_Size(container);
      return walk->left >= 0;
    }
    Py_ssize_t position = 0;
    PyObject* key;
    PyObject* value;
    while (PyDict_Next(container, &position, &key, &value)) {
      if (!meet(walk, value, depth + 1)) return 0;
    }
  } else if (type == &PyList_Type) {
    const Py_ssize_t size = PyList_Size(container);
    for (Py_ssize_t i = 0; i < size; ++i) {
      if (!meet(walk, PyList_GetItem(container, i), depth + 1)) return 0;
    }
  } else if (type == &PyTuple_Type) {
    const Py_ssize_t size = PyTuple_Size(container);
    for (Py_ssize_t i = 0; i < size; ++i) {
      if (!meet(walk, PyTuple_GetItem(container, i), depth + 1)) return 0;
    }
  }
  return 1;
}

static int read_numbers(PyObject* const* arguments, Py_ssize_t count, Py_ssize_t wanted, long long* numbers) {
  if (count != 1 + wanted) {
    PyErr_SetString(PyExc_TypeError, "wrong number of arguments");
    return 0;
  }
  for (Py_ssize_t i = 0; i < wanted; ++i) {
    numbers[i] = PyLong_AsLongLong(arguments[1 + i]);
    if (numbers[i] == -1 && PyErr_Occurred()) return 0;
  }
  return 1;
}

static PyObject* count_elements(PyObject* module, PyObject* const* arguments, Py_ssize_t count) {
  (void)module;
  long long limit;
  if (!read_numbers(arguments, count, 1, &limit)) return NULL;
  struct walk walk = {limit, 0, 0, NULL};
  if (!enter(&walk, arguments[0], 0)) return PyLong_FromLongLong(limit + 1);
  return PyLong_FromLongLong(limit - walk.left);
}

static PyObject* count_distinct(PyObject* module, PyObject* container) {
  (void)module;
  struct seen seen = {NULL, 0, 0};
  struct walk walk = {PY_SSIZE_T_MAX, 0, 0, &seen};
  enter(&walk, container, 0);
  PyMem_Free(seen.slots);
  return PyErr_Occurred() ? NULL : PyLong_FromLongLong(PY_SSIZE_T_MAX - walk.left);
}

static PyObject* binary_among_first(PyObject* module, PyObject* const* arguments, Py_ssize_t count) {
  (void)module;
  long long numbers[2];
  if (!read_numbers(arguments, count, 2, numbers)) return NULL;
  struct walk walk = {numbers[0], 1, numbers[1], NULL};
  return PyBool_FromLong(!enter(&walk, arguments[0], 0) && walk.left >= 0);
}

static PyObject* may_hold_bin(PyObject* module, PyObject* const* arguments, Py_ssize_t count) {
  (void)module;
  long long least;
  char* bytes;
  Py_ssize_t size;
  if (!read_numbers(arguments, count, 1, &least) || PyBytes_AsStringAndSize(arguments[0], &bytes, &size) != 0) {
    return NULL;
  }
  enum { BIN_32 = 0xC6, HEADER = 5 };
  const unsigned char* at = (const unsigned char*)bytes;
  const unsigned char* const end = at + size;
  while (end - at >= HEADER && (at = memchr(at, BIN_32, (size_t)(end - at))) != NULL && end - at >= HEADER) {
    /* In UTF-8 a byte of 0x80 or more follows: a length that no message has left. */
    const long long length = (long long)at[1] << 24 | at[2] << 16 | at[3] << 8 | at[4];
    if (length >= least && length <= end - at - HEADER) Py_RETURN_TRUE;
    ++at;
  }
  Py_RETURN_FALSE;
}

static PyMethodDef functions[] = {
    {"count_elements", (PyCFunction)(void (*)(void))count_elements, METH_FASTCALL,
     "count_elements(container, limit, /)\n--\n\n"
     "How many elements are met in lists, tuples and dicts (exactly these types) from the container on, each as often "
     "as it is\n"
     "met; limit + 1 as soon as there are more than limit."},
    {"count_distinct", count_distinct, METH_O,
     "count_distinct(container, /)\n--\n\nThe same, each container counted once."},
    {"binary_among_first", (PyCFunction)(void (*)(void))binary_among_first, METH_FASTCALL,
     "binary_among_first(container, count, least, /)\n--\n\n"
     "Whether one of the first elements that are met is bytes or a bytearray of least or more bytes, or any "
     "memoryview."},
    {"may_hold_bin", (PyCFunction)(void (*)(void))may_hold_bin, METH_FASTCALL,
     "may_hold_bin(message, least, /)\n--\n\n"
     "Whether there seems to be binary data of least or more bytes, which are 64 KiB or more, in a MessagePack "
     "message. Numbers\n"
     "may look like it, nothing else does."},
    {NULL, NULL, 0, NULL},
};

/* Without Py_mod_gil: a free-threaded Python turns the GIL on, which the borrowed references above rely on. */
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_look", "What is in containers, and in messages.", 0, functions, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__look(void) { return PyModule_Create(&definition); }
