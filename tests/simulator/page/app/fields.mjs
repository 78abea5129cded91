// Fields of a form, and what they tell: an event of ours with what WeChat puts into `detail` as its own properties.

const INPUT_CHARS_MAX = 140

/** The engine takes as `detail` what such an event has of its own. */
export const told = (element, type, detail = {}) => element.dispatchEvent(Object.assign(new CustomEvent(type), detail))

/** What stands before a field, for those who cannot see that it does. */
function labelOf(element) {
  const box = element.closest('.field, .card, wx-label, [class]')
  const label = box?.querySelector('.label, wx-label')
  return element.getAttribute('placeholder') || label?.textContent.trim() || element.getAttribute('name') || '输入'
}

/** The value that was bound: the attribute has it as text only. */
const bound = (element, name) => element.__wxElement?._$nodeAttributes?.[name] ?? element.getAttribute(name)

export const isOn = (element, name) => element.hasAttribute(name) && element.getAttribute(name) !== 'false'

export function field(tag) {
  return class extends HTMLElement {
    static observedAttributes = ['value', 'placeholder', 'maxlength', 'disabled', 'type', 'password', 'focus']
    inner = document.createElement(tag)

    connectedCallback() {
      if (this.inner.isConnected) return
      this.append(this.inner)
      this.attributeChangedCallback()
      this.inner.setAttribute('aria-label', labelOf(this))
      const { inner } = this
      const detail = () => ({ value: inner.value, cursor: inner.selectionStart ?? inner.value.length })
      for (const [type, name] of [
        ['input', 'input'],
        ['focus', 'focus'],
        ['blur', 'blur'],
        ['change', ''],
      ]) {
        inner.addEventListener(type, (event) => {
          event.stopPropagation()
          if (name) told(this, name, detail())
        })
      }
      inner.addEventListener('keydown', (event) => {
        if (event.key === 'Enter' && tag === 'input') told(this, 'confirm', detail())
      })
    }

    attributeChangedCallback(name) {
      const { inner } = this
      const value = this.getAttribute('value') ?? ''
      if ((!name || name === 'value') && inner.value !== value) inner.value = value
      inner.placeholder = this.getAttribute('placeholder') ?? ''
      inner.disabled = isOn(this, 'disabled')
      const longest = Number(this.getAttribute('maxlength') ?? INPUT_CHARS_MAX)
      if (longest >= 0) inner.maxLength = longest
      else inner.removeAttribute('maxlength')
      if (tag === 'input') inner.type = isOn(this, 'password') ? 'password' : 'text'
      inner.inputMode = { number: 'numeric', digit: 'decimal' }[this.getAttribute('type')] ?? 'text'
      if (name === 'focus' && isOn(this, 'focus')) inner.focus()
    }
  }
}

export function picker() {
  return class extends HTMLElement {
    static observedAttributes = ['value', 'range', 'mode', 'start', 'end', 'disabled']

    connectedCallback() {
      if (this.inner?.isConnected) return
      const mode = this.getAttribute('mode') ?? 'selector'
      this.inner = document.createElement(mode === 'selector' ? 'select' : 'input')
      if (mode !== 'selector') this.inner.type = mode
      this.inner.className = 'wx-picker-native'
      this.inner.setAttribute(
        'aria-label',
        this.closest('.field, .card')?.querySelector('.label')?.textContent.trim() || '选择',
      )
      this.append(this.inner)
      this.attributeChangedCallback()
      this.inner.addEventListener('click', () => mode !== 'selector' && this.inner.showPicker?.())
      for (const type of ['input', 'change']) this.inner.addEventListener(type, (event) => event.stopPropagation())
      this.inner.addEventListener('change', () => told(this, 'change', { value: this.inner.value }))
    }

    attributeChangedCallback() {
      const { inner } = this
      if (!inner) return
      if (inner.localName === 'select') {
        const range = bound(this, 'range')
        const key = this.getAttribute('range-key')
        const values = Array.isArray(range) ? range : String(range ?? '').split(',')
        inner.replaceChildren(...values.map((one, n) => new Option(key ? one[key] : one, String(n))))
      } else {
        inner.min = this.getAttribute('start') ?? ''
        inner.max = this.getAttribute('end') ?? ''
      }
      inner.value = this.getAttribute('value') ?? ''
      inner.disabled = isOn(this, 'disabled')
    }
  }
}

export function choice(type) {
  return class extends HTMLElement {
    static observedAttributes = ['checked', 'disabled']
    inner = Object.assign(document.createElement('input'), { type: type === 'switch' ? 'checkbox' : type })

    connectedCallback() {
      if (this.inner.isConnected) return
      this.append(this.inner)
      if (type === 'switch') this.inner.setAttribute('role', 'switch')
      this.attributeChangedCallback()
      queueMicrotask(() => {
        const label = this.closest('wx-label')?.textContent.trim() || this.getAttribute('value') || labelOf(this)
        this.inner.setAttribute('aria-label', label)
      })
      this.inner.addEventListener('change', (event) => {
        event.stopPropagation()
        if (type === 'switch') told(this, 'change', { value: this.inner.checked })
        else this.closest(`wx-${type}-group`)?.changed(this)
      })
    }

    attributeChangedCallback() {
      this.inner.checked = isOn(this, 'checked')
      this.inner.disabled = isOn(this, 'disabled')
    }
  }
}

export function group(type) {
  return class extends HTMLElement {
    changed(latest) {
      const all = [...this.querySelectorAll(`wx-${type}`)]
      if (type === 'radio') for (const one of all) one.inner.checked = one === latest
      const value = all.filter((one) => one.inner.checked).map((one) => one.getAttribute('value') ?? '')
      told(this, 'change', { value: type === 'radio' ? (value[0] ?? '') : value })
    }
  }
}

export class Label extends HTMLElement {
  connectedCallback() {
    this.addEventListener('click', (event) => {
      if (event.target.closest('wx-checkbox, wx-radio, wx-switch, wx-input')) return
      this.querySelector('input')?.click()
    })
  }
}
