// What the phone of the page runs a mini program with: WeChat's own component engine and its template compiler, as they
// are on npm. The files beside this one are committed, so that `cargo run` needs nothing but Rust; this makes them again.
//
//   npm ci --ignore-scripts && node build.mjs            writes them
//   npm ci --ignore-scripts && node build.mjs --check    compares: they are what the lock file says, byte for byte
//
// Nothing is bundled or minified here. Three lines are changed: the adapter finds the engine beside itself, and the
// compiler, which npm has for Node, gets its WebAssembly from the page. That is kept packed; what is compared is inside.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'

const HERE = path.dirname(fileURLToPath(import.meta.url))
const from = (file) => readFileSync(path.join(HERE, 'node_modules', file))

/** Exactly once, or the package is not the one this was written for. */
function replaced(text, what, by) {
  if (text.split(what).length !== 2) throw new Error(`expected once: ${what}`)
  return text.replace(what, () => by)
}

const withoutMap = (text) => text.replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n')

function adapter() {
  const text = withoutMap(from('glass-easel-miniprogram-adapter/dist/glass_easel_miniprogram_adapter.es.js').toString())
  return text.replaceAll('from"glass-easel"', 'from"./glass-easel.js"')
}

function compiler() {
  const name = 'glass-easel-template-compiler/glass_easel_template_compiler.js'
  const text = replaced(from(name).toString(), 'const { TextDecoder, TextEncoder } = require(`util`);\n', '')
  const loading = text.indexOf("const path = require('path')")
  if (loading < 0) throw new Error('the compiler is loaded in another way')
  const load = `export async function load(source) {
    wasm = (await WebAssembly.instantiateStreaming(source, imports)).instance.exports;
    return module.exports;
}
`
  return `const module = { exports: {} };\n${text.slice(0, loading)}${load}`
}

const LICENSES = ['glass-easel', 'glass-easel-miniprogram-adapter', 'glass-easel-template-compiler']
  .map((name) => {
    const { version, license } = JSON.parse(from(`${name}/package.json`))
    return `${name} ${version} (${license})\n\n${from(`${name}/LICENSE`).toString().trim()}\n`
  })
  .join('\n----\n\n')

const FILES = {
  'glass-easel.js': Buffer.from(withoutMap(from('glass-easel/dist/glass_easel.all.es.js').toString())),
  'adapter.js': Buffer.from(adapter()),
  'compiler.js': Buffer.from(compiler()),
  'compiler.wasm': from('glass-easel-template-compiler/glass_easel_template_compiler_bg.wasm'),
  LICENSES: Buffer.from(LICENSES),
}

const stored = (name) => path.join(HERE, name.endsWith('.wasm') ? `${name}.gz` : name)

function same(name, bytes) {
  if (!existsSync(stored(name))) return false
  const found = readFileSync(stored(name))
  return bytes.equals(name.endsWith('.wasm') ? gunzipSync(found) : found)
}

const differing = Object.entries(FILES).filter(([name, bytes]) => !same(name, bytes))
if (process.argv.includes('--check')) {
  for (const [name] of differing) console.error(`${path.basename(stored(name))} is not what the lock file says`)
  console.log(
    `${Object.keys(FILES).length - differing.length} of ${Object.keys(FILES).length} files are as npm has them`,
  )
  process.exitCode = differing.length ? 1 : 0
} else {
  for (const [name, bytes] of differing) {
    writeFileSync(stored(name), name.endsWith('.wasm') ? gzipSync(bytes, { level: 9 }) : bytes)
    console.log(`wrote ${path.basename(stored(name))}`)
  }
}
