// What the product's Rust sources say, read from their text.

/** Without comments, attributes, tests, and what goes to the log only. What an error says is said by its attribute. */
function code(text, { errorsToo = false } = {}) {
  return text
    .replace(/#\[error\(("(?:[^"\\]|\\.)*")\)\]/g, errorsToo ? '$1' : '')
    .replace(/\n#\[cfg\(test\)\]\n(?:mod|pub mod|pub\(crate\) mod) \w+ \{[\s\S]*$/, '\n')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/#!?\[(?:[^[\]"]|"(?:[^"\\]|\\.)*"|\[[^\]]*\])*\]/g, '')
    .replace(/tracing::\w+!\((?:[^;"]|"(?:[^"\\]|\\.)*")*?\);/g, '')
    .replace(/tracing::\w+!\((?:[^;"]|"(?:[^"\\]|\\.)*")*?\),\n/g, '\n')
}

/** The string literals of a source. */
export function literalsOf(source, { errorsToo } = {}) {
  return [...code(source, { errorsToo }).matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, one]) => one)
}
