// A message as it shows: a card with labelled lines, or a bubble.

import { button, h } from '../dom.mjs'
import { say } from '../words.mjs'
import { world } from '../world.mjs'

/** What a placeholder of the settings stands for, as the public templates of WeChat call it. */
const LABELS = { title: '事项名称', expires_at: '到期时间', note: '备注', days_left: '温馨提示' }
/** By template: its title, and the label of each keyword. WeChat's own templates have them; the settings tell which is which. */
const templates = new Map()

export async function learnTemplates() {
  const { ok, body } = await world.operate({ operation: 'settings.get' })
  const settings = body?.settings ?? body
  if (!ok || !settings?.templates) return
  for (const template of Object.values(settings.templates))
    for (const channel of template.channels ?? []) {
      const part = template[channel]
      if (!part?.template_id) continue
      const labels = Object.entries(part.data ?? {}).map(([keyword, text]) => [keyword, labelOf(text)])
      templates.set(part.template_id, {
        title: template.title ?? '到期提醒',
        labels: Object.fromEntries(labels),
        channel,
      })
    }
}

function labelOf(text) {
  const placeholder = /\{(\w+)\}/.exec(String(text))?.[1]
  return LABELS[placeholder] ?? '提示'
}

export const templateTitle = (id) => templates.get(id)?.title ?? '到期提醒'
export const templatesOf = (channel) => [...templates].filter(([, one]) => one.channel === channel).map(([id]) => id)

const valueOf = (entry) => String(entry?.value ?? entry ?? '')

function lines(body) {
  const labels = templates.get(body.template_id)?.labels ?? {}
  return Object.entries(body.data ?? body.template_data ?? {}).map(([keyword, entry]) => [
    labels[keyword] ?? keyword,
    valueOf(entry),
  ])
}

export function textOf(body) {
  return body?.text?.content ?? body?.Content ?? body?.content
}

/** In two lines, for a banner and the list of chats. */
export function preview({ in: place, body }) {
  const shown = lines(body ?? {})
  if (shown.length) return { title: templateTitle(body.template_id), text: shown.map(([, value]) => value).join(' · ') }
  const text =
    textOf(body) ??
    body?.link?.title ??
    body?.miniprogrampage?.title ??
    (body?.image || body?.Image ? '[图片]' : '[消息]')
  return { title: say(place), text }
}

/** 服务通知 and template messages. */
export function card(phone, item) {
  const { body } = item
  const opens = body.page ?? body.miniprogram?.pagepath
  const content = [
    h('b', { class: 'title' }, templateTitle(body.template_id)),
    h(
      'dl',
      {},
      lines(body).flatMap(([label, value]) => [h('dt', {}, label), h('dd', {}, value)]),
    ),
    opens ? h('span', { class: 'foot' }, '进入小程序查看', h('span', { 'aria-hidden': 'true' }, ' ›')) : null,
  ]
  if (!opens) return h('div', { class: 'card', lang: 'zh-CN' }, content)
  return button(content, () => phone.tapsMessage(item), {
    class: 'card',
    lang: 'zh-CN',
    'data-key': `${item.at}${opens}`,
  })
}

/** Answers in a chat. */
export function bubble(phone, item) {
  const { body } = item
  const text = textOf(body)
  if (typeof text === 'string') return h('div', { class: 'bubble', lang: 'zh-CN' }, text)
  if (body?.link)
    return button(
      [h('b', {}, body.link.title), h('span', { class: 'line' }, body.link.description)],
      () => phone.tapsMessage(item),
      { class: 'card linked', lang: 'zh-CN', 'data-key': item.at + body.link.url },
    )
  if (body?.miniprogrampage)
    return button(
      [h('b', {}, body.miniprogrampage.title ?? '小程序'), h('span', { class: 'foot' }, '小程序')],
      () => phone.tapsMessage(item),
      { class: 'card linked', lang: 'zh-CN', 'data-key': item.at + body.miniprogrampage.pagepath },
    )
  const media = body?.image?.media_id ?? body?.Image?.MediaId
  if (media)
    return button(
      [h('span', { class: 'thumb', 'aria-hidden': 'true' }, '▦'), h('span', { class: 'line' }, say('code_in_chat'))],
      () => phone.scans(media),
      { class: 'card linked', 'data-key': media },
    )
  return h('div', { class: 'bubble' }, h('code', {}, JSON.stringify(body)))
}
