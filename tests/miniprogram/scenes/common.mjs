// What the scenes have in common.

import { textOf } from '../phone/wxml.mjs'

/** The day on which things expire here, unless said otherwise. */
export const EXPIRY = '2027-03-01'
/** `mini_subscription` of events/settings.json. */
export const SUBSCRIPTION = 'M7tYc2RkPq9WzLx4NvBh6DsFg1JuTa8EoIe3KwXn5Zy'

export const itemOn = (phone) => new RegExp('^pages/item/item\\?').test(phone.at)
export const offers = (phone, text) =>
  phone.all((one) => one.handlers.tap && one.tag === 'button').some((one) => textOf(one) === text)
export const posts = (phone, path) => phone.requests.filter((one) => one.method === 'POST' && one.path === path)
export const told = async (phone) =>
  (await phone.inbox()).filter((one) => one.kind === 'template' || one.kind === 'subscription')

/** Fills in the form and saves. */
export async function adds(phone, title, { date = EXPIRY, days } = {}) {
  await phone.taps('添加物品')
  await phone.types('title', title)
  await phone.picks('expires_on', date)
  if (days) await phone.ticks('pushes', days)
  await phone.taps('保存')
}

/** The API, past the mini program. */
export async function apiOf(phone, path, method = 'GET', document = undefined) {
  const token = JSON.parse(phone.storage.get('reminders.session'))
  const headers = { Authorization: `Bearer ${token}` }
  const answer = await fetch(phone.world.api + path, { method, headers, body: document && JSON.stringify(document) })
  return answer.json()
}

/** What every scene ends with. */
export function faultless(same, ...phones) {
  const faults = phones.flatMap((phone) => phone.faults)
  same('no page threw', faults, [])
  const strange = phones.flatMap((phone) => [...phone.said]).filter((text) => UNTRANSLATED.test(text))
  same('and all that was said of reminders was said in Chinese', strange, [])
}

/** A word of the API's own, such as `blocked`. */
const UNTRANSLATED = /[a-z_]{3,}/
