// WXML, as far as this mini program uses it: data bindings, wx:if, wx:for, block. What it does not know is an error.
//
// The page of the local world runs the same pages by WeChat's own engine (tests/page plays them). This reader stays for
// what that one is not: Node and nothing else, a scene in a second, and strict about what the engine lets pass, such as a
// handler that the page does not have, or a wx:for without wx:key.

const TOKEN =
  /<!--[\s\S]*?-->|<\/([\w-]+)\s*>|<([\w-]+)((?:\s+[\w:-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'))?)*)\s*(\/?)>|([^<]+)/y
const ATTRIBUTE = /([\w:-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'))?/g
const EVENT = /^(?:bind|catch):?(\w+)$/
const DIRECTIVES = new Set(['wx:if', 'wx:elif', 'wx:else', 'wx:for', 'wx:for-item', 'wx:for-index', 'wx:key'])

/** Text of a .wxml file to a tree of `{ tag, attributes, children }` and `{ text }`. */
export function parse(source, file) {
  const root = { tag: 'page', attributes: {}, children: [] }
  const open = [root]
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex
    const token = TOKEN.exec(source)
    if (!token) throw new Error(`${file}: not understood: ${source.slice(at, at + 60)}`)
    const [, closed, opened, attributes, selfClosing, text] = token
    if (closed) {
      const { tag } = open.pop()
      if (tag !== closed) throw new Error(`${file}: </${closed}> closes <${tag}>`)
    } else if (opened) {
      const node = { tag: opened, attributes: read(attributes), children: [] }
      if (node.attributes['wx:for'] && !node.attributes['wx:key']) throw new Error(`${file}: a wx:for without wx:key`)
      open.at(-1).children.push(node)
      if (!selfClosing) open.push(node)
    } else if (text?.trim()) {
      open.at(-1).children.push({ text: text.trim() })
    }
  }
  if (open.length > 1) throw new Error(`${file}: <${open.at(-1).tag}> is not closed`)
  return root
}

function read(attributes) {
  const found = {}
  for (const [, name, double, single] of attributes.matchAll(ATTRIBUTE)) found[name] = double ?? single ?? true
  return found
}

/** The names of all handlers in a tree. */
export function handlers(node) {
  const own = Object.entries(node.attributes ?? {})
    .filter(([name]) => EVENT.test(name))
    .map(([, handler]) => handler)
  return [...own, ...(node.children ?? []).flatMap(handlers)]
}

/**
 * What is shown of a tree: elements `{ tag, attributes, dataset, handlers, children, parent }` and strings.
 * `evaluate` gives the value of an expression in a scope.
 */
export function render(tree, data, evaluate) {
  const root = element(tree, data, evaluate)
  return root
}

function element(node, scope, evaluate) {
  const shown = { tag: node.tag, attributes: {}, dataset: {}, handlers: {}, children: [] }
  for (const [name, value] of Object.entries(node.attributes)) {
    if (DIRECTIVES.has(name)) continue
    if (name.startsWith('wx:')) throw new Error(`${name} is not known here`)
    const event = EVENT.exec(name)
    if (event) shown.handlers[event[1]] = value
    else if (name.startsWith('data-')) shown.dataset[camel(name.slice(5))] = bind(value, scope, evaluate)
    else shown.attributes[name] = bind(value, scope, evaluate)
  }
  shown.children = children(node, scope, evaluate)
  for (const child of shown.children) if (typeof child === 'object') child.parent = shown
  return shown
}

function children(node, scope, evaluate) {
  const shown = []
  let taken = true // whether an earlier branch of the if/elif/else at hand was taken
  for (const child of node.children) {
    if (child.text !== undefined) {
      shown.push(String(bind(child.text, scope, evaluate)))
      continue
    }
    const { 'wx:if': first, 'wx:elif': next, 'wx:else': last } = child.attributes
    if (first !== undefined) taken = Boolean(bind(first, scope, evaluate))
    else if (next !== undefined && taken) continue
    else if (next !== undefined) taken = Boolean(bind(next, scope, evaluate))
    else if (last !== undefined && taken) continue
    else taken = true
    if (taken) shown.push(...each(child, scope, evaluate))
  }
  return shown
}

function each(node, scope, evaluate) {
  const list = node.attributes['wx:for']
  if (list === undefined) return expand(node, scope, evaluate)
  const item = node.attributes['wx:for-item'] ?? 'item'
  const index = node.attributes['wx:for-index'] ?? 'index'
  const values = bind(list, scope, evaluate)
  if (!Array.isArray(values)) throw new Error(`wx:for needs a list: ${list}`)
  return values.flatMap((value, n) => expand(node, { ...scope, [item]: value, [index]: n }, evaluate))
}

/** A block is its children. */
function expand(node, scope, evaluate) {
  return node.tag === 'block' ? children(node, scope, evaluate) : [element(node, scope, evaluate)]
}

/** `{{a}}` is a value, `a {{b}}` a text. */
function bind(text, scope, evaluate) {
  if (text === true || !text.includes('{{')) return text
  const whole = /^\{\{([\s\S]*)\}\}$/.exec(text)
  if (whole && !whole[1].includes('}}')) return evaluate(whole[1], scope)
  return text.replace(/\{\{([\s\S]*?)\}\}/g, (_, expression) => evaluate(expression, scope) ?? '')
}

function camel(name) {
  return name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase())
}

/** All elements below, itself first. */
export function* walk(shown) {
  yield shown
  for (const child of shown.children) if (typeof child === 'object') yield* walk(child)
}

/** What can be read of it. */
export function textOf(shown) {
  return shown.children
    .map((child) => (typeof child === 'string' ? child : textOf(child)))
    .filter(Boolean)
    .join(' ')
}
