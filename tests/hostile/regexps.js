// Regular expressions

// == regexp huge quantifier
/(?:a{1,1000}){1,1000}{1,}/.test('a')

// == regexp nested quantifier
new RegExp('(?:' + 'a{0,99}'.repeat(2000) + '){99}').test('b')

// == regexp lookbehind
/(?<=(a+)+)b$/.test('a'.repeat(40) + 'c')

// == regexp unicode classes
new RegExp('[\\p{L}]{1000}'.repeat(50), 'u').test('x')

// == regexp lastIndex object
const r = /a/g; r.lastIndex = { valueOf() { for (;;); } }; r.exec('a')

// == regexp backrefs
new RegExp('(a*)'.repeat(30) + '\\1'.repeat(30) + 'b').test('a'.repeat(60))
