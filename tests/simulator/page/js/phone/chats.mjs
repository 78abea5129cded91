// WeChat's own screens: the list of chats, and a chat.

import { button, h, svg } from '../dom.mjs'
import { Kept } from '../state.mjs'
import { lately, second } from '../times.mjs'
import { languageNow, say } from '../words.mjs'
import { world } from '../world.mjs'
import { bubble, card, preview } from './message.mjs'

/** By user and place, what they wrote: the world keeps only what reached the phone. */
const said = new Kept('said')

/** Drawn, so that no phone lacks the letters. */
const PATHS = {
  app: 'M12 7v5l3 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z',
  service_notifications: 'M6 17V11a6 6 0 0 1 12 0v6l1.5 1.5h-15zM10 21h4',
  service_account: 'M4 6h16v12H4zM4 7l8 6 8-6',
  mini_program_session:
    'M4 13v-1a8 8 0 0 1 16 0v1M4 13h3v5H5a1 1 0 0 1-1-1zM20 13h-3v5h2a1 1 0 0 0 1-1zM17 19c-1 1.500-3 2-5 2',
}

export const icon = (name) =>
  h(
    'span',
    { class: `icon ${name}`, 'aria-hidden': 'true' },
    svg('svg', { viewBox: '0 0 24 24' }, svg('path', { d: PATHS[name] })),
  )

export function homeScreen(phone) {
  const places = [
    'service_notifications',
    ...(world.service_account ? ['service_account'] : []),
    'mini_program_session',
  ]
  const rows = places.map((place) => [place, phone.messagesIn(place).at(-1), phone.unreadIn(place)])
  return {
    nav: { title: 'WeChat · 微信', canBack: false, seen: ['home', languageNow()] },
    seen: [rows, phone.person, Math.floor(world.now / 60_000)],
    content: () =>
      h(
        'div',
        { class: 'chats' },
        button(
          [
            icon('app'),
            h(
              'span',
              { class: 'who' },
              h('b', { lang: 'zh-CN' }, '到期提醒'),
              h('span', { class: 'line' }, say('open_mini_program')),
            ),
          ],
          () => phone.opensApp({ scene: 1089 }),
          { class: 'chat open-app', 'data-key': 'app' },
        ),
        rows.map(([place, latest, unread]) => chatRow(phone, place, latest, unread)),
        world.service_account && !phone.person.followed
          ? h(
              'p',
              { class: 'hint' },
              button(say('find_account'), () => phone.goes('profile'), { class: 'link', 'data-key': 'find' }),
            )
          : null,
      ),
  }
}

function chatRow(phone, place, latest, unread) {
  const open = { service_notifications: 'notices', service_account: 'account', mini_program_session: 'session' }[place]
  return button(
    [
      icon(place),
      h(
        'span',
        { class: 'who' },
        h('b', {}, say(place)),
        h(
          'span',
          { class: 'line', lang: latest ? 'zh-CN' : undefined },
          latest ? preview(latest).text : say('nothing_yet'),
        ),
      ),
      h(
        'span',
        { class: 'aside' },
        latest ? h('time', {}, lately(latest.at, world.now)) : null,
        unread ? h('span', { class: 'unread', 'aria-label': say('unread', unread) }, unread) : null,
      ),
    ],
    () => phone.goes(open),
    { class: 'chat', 'data-key': place },
  )
}

const ACCOUNTS = { service_account: 'service_account', mini_program_session: 'mini_program' }

export function chatScreen(phone, place) {
  const own = said.get()[phone.user]?.[place] ?? []
  const items = [...phone.messagesIn(place), ...own.map((one) => ({ ...one, isOwn: true }))].sort((a, b) =>
    a.at.localeCompare(b.at),
  )
  const isAccount = place === 'service_account'
  const more = isAccount
    ? button('•••', () => phone.goes('profile'), {
        class: 'dots',
        'aria-label': say('account_page'),
        'data-key': 'profile',
      })
    : undefined
  return {
    place,
    nav: { title: say(place), canBack: true, more, seen: [place, languageNow()] },
    seen: [items, phone.person.followed, phone.person.blocked],
    content: () => {
      const list = h(
        'ol',
        { class: 'messages', tabindex: '0', 'aria-label': say(place) },
        items.map((item) => message(phone, item)),
        items.length ? null : h('li', { class: 'nothing' }, say('nothing_arrived')),
      )
      requestAnimationFrame(() => (list.scrollTop = list.scrollHeight))
      return [
        isAccount && !phone.person.followed
          ? h(
              'div',
              { class: 'strip' },
              say('not_following_yet'),
              ' ',
              button(say('follow'), () => phone.goes('profile'), { class: 'primary', 'data-key': 'follow' }),
            )
          : null,
        isAccount && phone.person.blocked ? h('div', { class: 'strip' }, say('you_block')) : null,
        list,
        place === 'service_notifications' ? null : composer(phone, place),
      ]
    },
  }
}

function message(phone, item) {
  const when = h('time', { class: 'when' }, second(item.at))
  if (item.isOwn) return h('li', { class: 'own' }, when, h('div', { class: 'bubble', lang: 'zh-CN' }, item.text))
  const content = item.kind === 'custom' || item.kind === 'reply' ? bubble(phone, item) : card(phone, item)
  return h('li', {}, when, content)
}

function composer(phone, place) {
  const input = h('input', {
    name: 'text',
    'aria-label': say('write'),
    placeholder: say('write'),
    autocomplete: 'off',
    maxlength: 600,
    'data-key': 'text',
    'data-typed': '',
  })
  return h(
    'form',
    { class: 'composer', onsubmit: (event) => (event.preventDefault(), writes(phone, place, input)) },
    input,
    h('button', { class: 'primary' }, say('send')),
  )
}

async function writes(phone, place, input) {
  const text = input.value.trim()
  if (!text) return
  input.value = ''
  said.update((all) =>
    ((all[phone.user] ??= {})[place] ??= []).push({
      at: new Date(world.time()).toISOString().slice(0, 19) + 'Z',
      text,
    }),
  )
  phone.shows()
  await world.does(phone.user, 'say', { to: ACCOUNTS[place], message: { MsgType: 'text', Content: text } })
}
