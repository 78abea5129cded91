// Makes lib/*.js of lib/src/*.mjs: the same text, with `require` and `module.exports` in the place of `import` and
// `export`. So WeChat DevTools opens the sample without a build, and a file can be copied into a project as it is.
//
//   node commonjs.mjs            writes them
//   node commonjs.mjs --check    complains if they are not what would be written

import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const LIB = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../lib')

/** The text of one module; what else than these forms is imported or exported is an error. */
export function commonJs(source, name) {
  const exported = []
  const lines = source.split('\n').map((line) => {
    const imports = /^import \{ ([^}]+) \} from '\.\/([\w-]+)\.mjs'$/.exec(line)
    if (imports) return `const { ${imports[1]} } = require('./${imports[2]}.js')`
    const all = /^export \* from '\.\/([\w-]+)\.mjs'$/.exec(line)
    if (all) {
      exported.push(`...require('./${all[1]}.js')`)
      return null
    }
    const one = /^export ((?:async )?function|const) (\w+)/.exec(line)
    if (one) exported.push(one[2])
    else if (/^\s*(?:import|export)\b/.test(line)) throw new Error(`${name}: not understood: ${line}`)
    return line
      .replace(/^export /, '')
      .replaceAll("import('../index.js')", "import('./index.js')")
      .replace("from '../index.js' */", "from './index.js' */")
  })
  const text = lines
    .filter((line) => line !== null)
    .join('\n')
    .trimEnd()
  const list = exported.some((one) => one.startsWith('...'))
    ? `{\n${exported.map((one) => `  ${one},\n`).join('')}}`
    : `{ ${exported.join(', ')} }`
  return `// Made of src/${name} by tools/commonjs.mjs: change that.\n${text}\n\nmodule.exports = ${list}\n`
}

function main() {
  const check = process.argv.includes('--check')
  const stale = []
  for (const name of readdirSync(path.join(LIB, 'src')).filter((one) => one.endsWith('.mjs'))) {
    const made = path.join(LIB, name.replace(/\.mjs$/, '.js'))
    const text = commonJs(readFileSync(path.join(LIB, 'src', name), 'utf8'), name)
    if (!check) writeFileSync(made, text)
    else if (readOr(made, '') !== text) stale.push(path.basename(made))
  }
  if (!stale.length) return
  console.error(`not what lib/src makes: ${stale.join(', ')}; run node tests/miniprogram/tools/commonjs.mjs`)
  process.exitCode = 1
}

function readOr(file, otherwise) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return otherwise
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
