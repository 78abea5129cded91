// The mini program's page of settings on this phone, and the prompts that they spare.

import { h } from '../dom.mjs'
import { Kept } from '../state.mjs'
import { languageNow, say } from '../words.mjs'
import { world } from '../world.mjs'
import { templateTitle } from './message.mjs'

/** By user: the main switch, and what of each template the user wants to have kept. */
const kept = new Kept('permissions')

export class Settings {
  constructor(phone) {
    this.phone = phone
  }

  #own() {
    return { isOff: false, items: {}, ...kept.get()[this.phone.user] }
  }

  #update(change) {
    kept.update((all) => change((all[this.phone.user] ??= { isOff: false, items: {} })))
    this.phone.shows()
  }

  /** As `wx.getSetting` answers. */
  told(withSubscriptions) {
    const { isOff, items } = this.#own()
    return {
      authSetting: {},
      ...(withSubscriptions ? { subscriptionsSetting: { mainSwitch: !isOff, itemSettings: items } } : {}),
    }
  }

  /** `wx.requestSubscribeMessage`, from the tap on: what its `success` gets, or why it fails. */
  async prompts(templateIds, { isArticle = false } = {}) {
    const { isOff, items } = this.#own()
    if (isOff) return { errCode: 20004, why: 'The main switch is switched off' }
    const isKept = templateIds.every((id) => items[id])
    const asked = isKept
      ? { choices: Object.fromEntries(templateIds.map((id) => [id, items[id]])), keeps: false }
      : await this.phone.sheets.permission(templateIds)
    if (asked.errCode) return asked
    if (asked.keeps) this.#update((own) => Object.assign(own.items, asked.choices))
    const more = isArticle ? { popup_scene: 2 } : {}
    const answer = await world.does(this.phone.user, 'subscribe', {
      template_ids: templateIds,
      answer: asked.choices,
      silent: isKept,
      ...more,
    })
    return answer.ok ? answer.body : { errCode: 10004, why: answer.body?.error ?? 'not done' }
  }

  screen() {
    const own = this.#own()
    return {
      nav: { title: say('settings'), canBack: true, seen: ['settings', languageNow()] },
      seen: [own],
      content: () =>
        h(
          'div',
          { class: 'settings-page' },
          h('h4', {}, say('message_settings')),
          line(say('main_switch'), !own.isOff, (isOn) => this.#update((all) => (all.isOff = !isOn))),
          Object.entries(own.items).map(([id, choice]) =>
            line(templateTitle(id), choice === 'accept', (isOn) => this.#switches(id, isOn), 'zh-CN'),
          ),
          h('p', { class: 'soft' }, say(Object.keys(own.items).length ? 'settings_kept' : 'settings_none')),
        ),
    }
  }

  #switches(id, isOn) {
    this.#update((own) => (own.items[id] = isOn ? 'accept' : 'reject'))
    if (!isOn) world.does(this.phone.user, 'refuse', { template_ids: [id] })
  }
}

export function line(text, isOn, onchange, lang) {
  return h(
    'label',
    { class: 'switch-line' },
    h('span', { lang }, text),
    h('input', {
      type: 'checkbox',
      role: 'switch',
      checked: isOn,
      'data-key': text,
      onchange: (event) => onchange(event.target.checked),
    }),
  )
}
