// The elements of a mini program that do something by themselves. What the engine makes of `<button>` is `<wx-button>`.

import { Label, choice, field, group, isOn, picker, told } from './fields.mjs'
import { picture } from './picture.mjs'

const LONG_PRESS_MS = 500
/** Of cold starts in which `<official-account/>` shows; docs/wechat.md §12. */
const OFFICIAL_ACCOUNT_SCENES = [1011, 1017, 1025, 1047, 1124]

/** As a finger would, for keyboards and screen readers: the engine listens to the mouse. */
function press(element) {
  const { left, top, width, height } = element.getBoundingClientRect()
  const at = { bubbles: true, composed: true, clientX: left + width / 2, clientY: top + height / 2, detail: 1 }
  for (const type of ['mousedown', 'mouseup']) element.dispatchEvent(new MouseEvent(type, at))
}

function button({ phone, stack }) {
  return class extends HTMLElement {
    static observedAttributes = ['disabled']

    connectedCallback() {
      this.setAttribute('role', 'button')
      this.attributeChangedCallback()
      this.addEventListener('click', () => this.#opens())
    }

    attributeChangedCallback() {
      const off = isOn(this, 'disabled')
      this.setAttribute('tabindex', off ? '-1' : '0')
      this.setAttribute('aria-disabled', String(off))
    }

    #opens() {
      if (isOn(this, 'disabled')) return
      const kind = this.getAttribute('open-type')
      if (kind === 'contact') {
        stack.session = this
        phone.entersSession(this.getAttribute('session-from') ?? '')
      } else if (kind === 'openSetting') {
        phone.opensSettings().then((detail) => told(this, 'opensetting', detail))
      }
    }
  }
}

function image({ phone }) {
  return class extends HTMLElement {
    static observedAttributes = ['src', 'mode']

    connectedCallback() {
      this.draws()
      let timer = 0
      const pressed = () => {
        if (isOn(this, 'show-menu-by-longpress')) phone.longPressed(this.getAttribute('src') ?? '')
      }
      this.addEventListener('pointerdown', () => (timer = setTimeout(pressed, LONG_PRESS_MS)))
      for (const type of ['pointerup', 'pointerleave', 'pointercancel'])
        this.addEventListener(type, () => clearTimeout(timer))
      this.addEventListener('contextmenu', (event) => {
        event.preventDefault()
        clearTimeout(timer)
        pressed()
      })
      if (!isOn(this, 'show-menu-by-longpress')) return
      Object.assign(this, { tabIndex: 0, role: 'button' })
      this.addEventListener('keydown', (event) => event.key === 'Enter' && pressed())
    }

    attributeChangedCallback() {
      if (this.isConnected) this.draws()
    }

    draws() {
      const drawn = picture(this.getAttribute('src') ?? '')
      drawn.className = `mode-${this.getAttribute('mode') ?? 'scaleToFill'}`
      drawn.addEventListener('load', () => told(this, 'load', {}))
      this.replaceChildren(drawn)
      this.setAttribute('aria-label', drawn.alt || '图片')
      if (!this.hasAttribute('role')) this.setAttribute('role', 'img')
    }
  }
}

function officialAccount({ phone, stack }) {
  return class extends HTMLElement {
    connectedCallback() {
      const shows = OFFICIAL_ACCOUNT_SCENES.includes(stack.launch.scene) && phone.hasServiceAccount()
      setTimeout(() => told(this, shows ? 'load' : 'error', { status: shows ? 0 : 5, errMsg: '' }))
      if (shows) this.append(phone.accountCard(document))
    }
  }
}

function webView({ phone }) {
  return class extends HTMLElement {
    connectedCallback() {
      this.append(phone.article(document, this.getAttribute('src') ?? ''))
    }
  }
}

export function defineElements(around) {
  const known = {
    button: button(around),
    input: field('input'),
    textarea: field('textarea'),
    picker: picker(),
    checkbox: choice('checkbox'),
    radio: choice('radio'),
    switch: choice('switch'),
    'checkbox-group': group('checkbox'),
    'radio-group': group('radio'),
    label: Label,
    image: image(around),
    'official-account': officialAccount(around),
    'web-view': webView(around),
  }
  for (const [name, definition] of Object.entries(known)) customElements.define(`wx-${name}`, definition)
  document.addEventListener('keydown', (event) => {
    if ((event.key !== 'Enter' && event.key !== ' ') || event.target.getAttribute?.('role') !== 'button') return
    if (event.target.localName === 'wx-image') return
    event.preventDefault()
    press(event.target)
    event.target.dispatchEvent(new MouseEvent('click', { bubbles: true, detail: 1 }))
  })
  // A screen reader clicks without a mouse.
  document.addEventListener('click', (event) => {
    if (event.isTrusted && event.detail === 0 && event.target.closest('[role=button]')) press(event.target)
  })
}
