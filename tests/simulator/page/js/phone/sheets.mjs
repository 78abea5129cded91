// What covers the screen for a moment: WeChat's questions, menus and short words.

import { button, fill, h } from '../dom.mjs'
import { say } from '../words.mjs'
import { templateTitle } from './message.mjs'

const TOAST_MS = 1500

export class Sheets {
  node = h('div', { class: 'sheets' })
  toast = h('div', { class: 'toast', role: 'status', hidden: true })
  #cancel = null
  #toastTimer = 0

  constructor() {
    this.place = h('div', { class: 'place' })
    fill(this.node, this.place, this.toast)
    this.node.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.#cancel?.()
    })
  }

  /** Shows `content(answer)` until it answers, or is left: then with `otherwise`. */
  asks(label, cls, content, otherwise) {
    this.closes()
    return new Promise((resolve) => {
      const back = document.activeElement
      const answer = (value) => {
        this.#cancel = null
        fill(this.place)
        if (back?.isConnected) back.focus?.({ preventScroll: true })
        resolve(value)
      }
      this.#cancel = () => answer(otherwise)
      const sheet = h(
        'div',
        { class: `sheet ${cls}`, role: 'dialog', 'aria-modal': 'true', 'aria-label': label },
        content(answer),
      )
      fill(this.place, h('div', { class: 'shade', onclick: () => this.#cancel?.() }), sheet)
      sheet.querySelector('button:not(.aside), input')?.focus({ preventScroll: true })
    })
  }

  closes() {
    this.#cancel?.()
  }

  says(text, duration = TOAST_MS, icon = 'success') {
    clearTimeout(this.#toastTimer)
    this.toast.hidden = !text
    if (!text) return
    fill(
      this.toast,
      icon === 'none'
        ? null
        : h(
            'span',
            { class: `sign ${icon}`, 'aria-hidden': 'true' },
            icon === 'success' ? '✓' : icon === 'loading' ? '◌' : '!',
          ),
      h('span', { lang: 'zh-CN' }, text),
    )
    this.#toastTimer = setTimeout(() => (this.toast.hidden = true), duration)
  }

  /** One of several; -1 for none of them. */
  menu(title, items) {
    return this.asks(
      title || say('menu'),
      'menu',
      (answer) => [
        title ? h('p', { class: 'soft' }, title) : null,
        items.map((item, n) => button(item, () => answer(n))),
        button(say('cancel'), () => answer(-1), { class: 'last' }),
      ],
      -1,
    )
  }

  modal({ title, content, showCancel = true, cancelText, confirmText }) {
    return this.asks(
      title || content || say('question'),
      'modal',
      (answer) => [
        title ? h('b', { lang: 'zh-CN' }, title) : null,
        content ? h('p', { lang: 'zh-CN' }, content) : null,
        h(
          'div',
          { class: 'two' },
          showCancel ? button(cancelText || say('cancel'), () => answer(false)) : null,
          button(confirmText || say('ok'), () => answer(true), { class: 'strong' }),
        ),
      ],
      false,
    )
  }

  /** The subscription prompt; answers `{ choices, keeps }`, or `{ errCode, why }` for what WeChat answers without one. */
  permission(templateIds) {
    return this.asks(
      say('permission'),
      'permission',
      (answer) => {
        const ticked = new Set(templateIds)
        const keep = h('input', { type: 'checkbox' })
        const all = (choice) => Object.fromEntries(templateIds.map((id) => [id, choice]))
        const chosen = () => Object.fromEntries(templateIds.map((id) => [id, ticked.has(id) ? 'accept' : 'reject']))
        const tick = (id) =>
          h('input', {
            type: 'checkbox',
            checked: true,
            onchange: (event) => (event.target.checked ? ticked.add(id) : ticked.delete(id)),
          })
        return [
          h(
            'div',
            { class: 'asker' },
            h('span', { class: 'app-icon', 'aria-hidden': 'true' }),
            h('span', {}, '到期提醒', h('span', { class: 'soft' }, ` ${say('asks')}`)),
            otherAnswers(answer, all),
          ),
          h('b', {}, say('asks_to_send')),
          h(
            'ul',
            {},
            templateIds.map((id) =>
              h('li', {}, h('label', {}, tick(id), h('span', { lang: 'zh-CN' }, templateTitle(id)))),
            ),
          ),
          h('label', { class: 'keep' }, keep, h('span', {}, say('always_keep'))),
          h(
            'div',
            { class: 'two' },
            button(say('cancel'), () => answer({ choices: all('reject'), keeps: keep.checked })),
            button(say('allow'), () => answer({ choices: chosen(), keeps: keep.checked }), { class: 'strong' }),
          ),
        ]
      },
      { choices: Object.fromEntries(templateIds.map((id) => [id, 'reject'])), keeps: false },
    )
  }
}

/** What WeChat may answer by itself, without anybody's finger. */
function otherAnswers(answer, all) {
  const may = {
    reject: () => ({ choices: all('reject'), keeps: false }),
    ban: () => ({ choices: all('ban'), keeps: false }),
    filter: () => ({ choices: all('filter'), keeps: false }),
    20004: () => ({ errCode: 20004, why: 'The main switch is switched off' }),
    10002: () => ({ errCode: 10002, why: 'Request list timeout' }),
    10005: () => ({ errCode: 10005, why: 'Cannot show subscribe message UI' }),
  }
  return h(
    'select',
    { class: 'aside', 'aria-label': say('other_answers'), onchange: (event) => answer(may[event.target.value]()) },
    h('option', { value: '' }, say('more_time')),
    Object.keys(may).map((name) => h('option', { value: name }, say(`answer_${name}`))),
  )
}
