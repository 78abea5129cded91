// Elements. Everything shown comes from outside, so it only ever becomes text or an attribute's value.

/** `h('button', { class: 'x', onclick }, 'text', child, null)` */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value)
    else if (name === 'value' || name === 'checked') node[name] = value
    else node.setAttribute(name, value === true ? '' : String(value))
  }
  node.append(...parts(children))
  return node
}

const parts = (children) =>
  children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false && one !== '')

const SVG = 'http://www.w3.org/2000/svg'

export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value))
  node.append(...parts(children))
  return node
}

export function fill(node, ...children) {
  node.replaceChildren(...parts(children))
  return node
}

const shown = new WeakMap()

/**
 * Draws `node` anew only if what it shows is not what it showed. What somebody has opened, typed or focused there stays:
 * messages arrive while others are read and written.
 */
export function draw(node, seen, content) {
  const key = JSON.stringify(seen)
  if (shown.get(node) === key) return
  shown.set(node, key)
  const before = new Map([...node.querySelectorAll('[data-key]')].map((one) => [one.dataset.key, one]))
  const focused = node.contains(document.activeElement) ? document.activeElement : null
  fill(node, content())
  for (const one of node.querySelectorAll('[data-key]')) {
    const old = before.get(one.dataset.key)
    if (!old) continue
    if (one.localName === 'details') one.open = old.open
    if (one.localName === 'input' && 'typed' in one.dataset) one.value = old.value
    if (old === focused) focuses(one, old)
  }
}

function focuses(one, old) {
  one.focus({ preventScroll: true })
  if ('typed' in one.dataset) one.setSelectionRange(old.selectionStart, old.selectionEnd)
}

export const button = (label, onclick, more = {}) => h('button', { type: 'button', onclick, ...more }, label)
