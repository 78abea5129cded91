// What the product's Rust sources say, read from their text. What is not understood is an error, so that nothing new slips
// by.

import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'

/** The texts of all sources below, without their tests. */
export function sourcesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((one) => {
    const at = path.join(folder, one.name)
    if (one.isDirectory()) return one.name === 'tests' ? [] : sourcesUnder(at)
    if (!one.name.endsWith('.rs') || ['tests.rs', 'states.rs', 'cases.rs'].includes(one.name)) return []
    return [{ file: at, text: code(readFileSync(at, 'utf8')) }]
  })
}

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

/** All events that are put into a timeline. */
export function eventsOf(sources) {
  const events = new Set()
  // By their own kind.
  const entry = sources.find(({ file }) => file.endsWith('timeline/entry.rs'))
  for (const event of literals(body(entry.text, /pub fn event\(/))) events.add(event)
  for (const { file, text } of sources) {
    for (const { index } of text.matchAll(/timeline\s*\.(?:add|add_with)\(/g)) {
      const [, , event] = argumentsAt(text, text.indexOf('(', index))
      const literal = /^"(\w+)"$/.exec(event)
      const told = /^\w+\.event\(\)$/.test(event)
      if (literal) events.add(literal[1])
      else if (told)
        for (const one of bodies(text, /\n {4}fn event\(&self\)/g)) for (const word of literals(one)) events.add(word)
      else throw new Error(`${file}: which event is ${event}?`)
    }
  }
  return [...events].sort()
}

/** The string literals of a source, or of the function that begins like this. */
export function literalsOf(source, { of: beginning, errorsToo } = {}) {
  const text = code(source, { errorsToo })
  return literals(beginning ? body(text, beginning) : text)
}

function literals(text) {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, one]) => one)
}

function* bodies(text, beginning) {
  for (const { index } of text.matchAll(beginning)) yield block(text, index)
}

function body(text, beginning) {
  const at = text.search(beginning)
  if (at < 0) throw new Error(`there is no ${beginning}`)
  return block(text, at)
}

/** From the first brace to the one that closes it. */
function block(text, from) {
  const start = text.indexOf('{', from)
  let depth = 0
  for (let at = start; at < text.length; at++) {
    if (text[at] === '{') depth += 1
    if (text[at] === '}' && --depth === 0) return text.slice(start, at)
  }
  throw new Error('a block is not closed')
}

/** The arguments of a call, by their texts. */
function argumentsAt(text, open) {
  const found = ['']
  let depth = 0
  let quoted = false
  for (let at = open + 1; at < text.length; at++) {
    const char = text[at]
    if (char === '"' && text[at - 1] !== '\\') quoted = !quoted
    if (!quoted && '([{'.includes(char)) depth += 1
    if (!quoted && ')]}'.includes(char) && depth-- === 0) return found.map((one) => one.trim())
    if (!quoted && char === ',' && depth === 0) found.push('')
    else found[found.length - 1] += char
  }
  throw new Error('a call is not closed')
}
