// The engine's DOM, with the elements of a mini program in the place of those a browser has under the same names.

import { glassEasel } from '/page/engine/adapter.js'

/** Made as `wx-…`, so that neither the browser's own behaviour nor its styles get in between. */
export const TAGS = new Set(
  (
    'view text button image input textarea picker checkbox checkbox-group radio radio-group switch label form ' +
    'scroll-view swiper swiper-item icon progress slider navigator rich-text official-account web-view'
  ).split(' '),
)

export class Backend extends glassEasel.CurrentWindowBackendContext {
  document = {
    createElement: (tag) => document.createElement(TAGS.has(tag) ? `wx-${tag}` : tag),
    createTextNode: (content) => document.createTextNode(content),
    createDocumentFragment: () => document.createDocumentFragment(),
  }

  constructor(tap) {
    super()
    this.onEvent((target, type, detail, options) => {
      const event = new glassEasel.Event(type, detail, options)
      tap.turn(type === 'tap')
      glassEasel.Event.dispatchEvent(target, event)
      return event.getEventBubbleStatus()
    })
  }

  /** What can be tapped can be reached by keyboard. */
  setListenerStats(element, type, capture, mutLevel) {
    super.setListenerStats(element, type, capture, mutLevel)
    if (type !== 'tap' || element.localName === 'wx-button' || element.hasAttribute('tabindex')) return
    element.setAttribute('tabindex', '0')
    element.setAttribute('role', 'button')
  }
}
