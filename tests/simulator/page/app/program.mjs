// A mini program as it lies in its folder: read, compiled, and made known to the engine.

import { glassEasel } from '/page/engine/adapter.js'

import { sheetOf } from './wxss.mjs'

const ROOT = '/mini-program/'
const REQUIRE = /\brequire\(\s*['"]([^'"]+)['"]\s*\)/g
/** What a module of a mini program finds around it. */
const AROUND = ['require', 'module', 'exports', 'wx', 'App', 'Page', 'Component', 'Behavior', 'getApp']
const GLOBALS = ['getCurrentPages', 'Date']

let files = new Set()

async function text(file, isOptional = false) {
  if (files.has(file)) return (await fetch(ROOT + file)).text()
  if (isOptional) return ''
  throw new Error(`the mini program has no ${file}`)
}

/** `b` as `a` names it. */
export function resolved(a, b) {
  const base = b.startsWith('/') ? [] : a.split('/').slice(0, -1)
  for (const part of b.split('/')) {
    if (part === '..') base.pop()
    else if (part && part !== '.') base.push(part)
  }
  return base.join('/')
}

export class Program {
  app = null
  #modules = new Map()
  #loaded = new Map()
  #sheets = new Map()

  static async read() {
    const program = new Program()
    files = new Set(await (await fetch(ROOT)).json())
    program.config = JSON.parse(await text('app.json'))
    program.theme = JSON.parse((await text(program.config.themeLocation ?? 'theme.json', true)) || '{}')
    program.sheets = { app: sheetOf(await text('app.wxss', true)) }
    program.parts = new Map()
    await Promise.all(program.config.pages.map((page) => program.#readPart(page)))
    await program.#readModule('app.js')
    await Promise.all([...program.parts.keys()].map((part) => program.#readModule(`${part}.js`)))
    return program
  }

  /** A page or component, and the components it uses. */
  async #readPart(path) {
    if (this.parts.has(path)) return
    const part = {}
    this.parts.set(path, part)
    const [json, wxml, wxss] = await Promise.all([
      text(`${path}.json`, true),
      text(`${path}.wxml`),
      text(`${path}.wxss`, true),
    ])
    Object.assign(part, { config: JSON.parse(json || '{}'), wxml, sheet: sheetOf(wxss) })
    const used = Object.values({ ...this.config.usingComponents, ...part.config.usingComponents })
    await Promise.all(used.map((component) => this.#readPart(resolved(`${path}.js`, component))))
  }

  async #readModule(file) {
    if (this.#modules.has(file)) return
    this.#modules.set(file, null)
    // What is not there may be named in a comment only; whoever requires it hears of it.
    const source = await text(file, true)
    if (!source) return
    // A script of this page's own making, with the mini program's words in it as they are.
    const code = `export default function (${[...AROUND, ...GLOBALS].join(', ')}) {\n${source}\n}\n//# sourceURL=${file}`
    const needed = [...source.matchAll(REQUIRE)].map(([, name]) => resolved(file, name))
    const [module] = await Promise.all([imported(code), ...needed.map((name) => this.#readModule(withJs(name)))])
    this.#modules.set(file, module)
  }

  /** Compiles all templates and runs all modules, the app's first. */
  async prepare({ compiler, space, globals }) {
    this.space = space
    this.globals = globals
    const group = new compiler.TmplGroup()
    for (const [path, { wxml }] of this.parts) {
      const wrong = group.addTmpl(path, wxml) ?? []
      if (wrong.length) throw new Error(`${path}.wxml: ${wrong.map((one) => one.message ?? one).join('; ')}`)
    }
    const groups = await imported(`export default ${group.getTmplGenObjectGroups()}`)
    for (const [path, { config }] of this.parts) {
      space.addComponentStaticConfig(path, config)
      const content = groups[path]
      space.addCompiledTemplate(path, { groupList: groups, content, fallbackListenerOnNativeNode: true })
    }
    this.#require('app.js')
    for (const path of this.parts.keys()) this.#require(`${path}.js`)
  }

  #require(file) {
    const loaded = this.#loaded.get(file)
    if (loaded) return loaded.exports
    const module = { exports: {} }
    this.#loaded.set(file, module)
    const run = this.#modules.get(file)
    if (!run) throw new Error(`${file} is required and is not there`)
    const path = file.replace(/\.js$/, '')
    const known = {
      require: (name) => this.#require(withJs(resolved(file, name))),
      module,
      exports: module.exports,
      App: (definition) => (this.app = definition),
      Page: (definition) => this.space.component(path).pageDefinition(definition).register(),
      Component: (definition) => this.space.component(path).definition(definition).register(),
      Behavior: (definition) => this.space.behavior().definition(definition).register(),
      getApp: () => this.app,
      ...this.globals,
    }
    run(...[...AROUND, ...GLOBALS].map((name) => known[name]))
    // The one thing a developer has to set: here the API is at this very address.
    if (file === 'config.js' && 'baseUrl' in module.exports) module.exports.baseUrl = `${location.origin}/sim/api`
    return module.exports
  }

  /** Of a page's window, the app's where it says nothing; `@names` are looked up in the theme. */
  windowOf(path, isDark) {
    const own = { ...this.config.window, ...this.parts.get(path)?.config }
    const theme = this.theme[isDark ? 'dark' : 'light'] ?? {}
    const said = (value) => (typeof value === 'string' && value.startsWith('@') ? theme[value.slice(1)] : value)
    return Object.fromEntries(Object.entries(own).map(([name, value]) => [name, said(value)]))
  }
}

const withJs = (name) => (name.endsWith('.js') ? name : `${name}.js`)

async function imported(code) {
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))
  try {
    return (await import(url)).default
  } finally {
    URL.revokeObjectURL(url)
  }
}

// A handler that throws is told like everything else that goes wrong.
glassEasel.addGlobalErrorListener((error) => {
  window.parent.phone.failed(error?.stack ?? String(error))
  return false
})
