// The service account's page with its buttons, and an article of its own.

import { button, h } from '../dom.mjs'
import { languageNow, say } from '../words.mjs'
import { world } from '../world.mjs'
import { templateTitle, templatesOf } from './message.mjs'
import { line } from './settings.mjs'

export function accountScreen(phone) {
  const { person, at } = phone
  const name = say('service_account')
  return {
    nav: { title: say('account_page'), canBack: true, seen: ['profile', languageNow()] },
    seen: [person, at.refused],
    content: () =>
      h(
        'div',
        { class: 'profile' },
        h(
          'div',
          { class: 'top' },
          h('span', { class: 'icon service_account', 'aria-hidden': 'true' }, '服'),
          h('div', {}, h('b', {}, name), h('p', { class: 'soft' }, say('account_intro'))),
        ),
        person.followed
          ? [
              button(say('enter_account'), () => phone.goes('account'), { class: 'primary wide', 'data-key': 'enter' }),
              line(say('receive_messages'), !person.blocked, (isOn) =>
                world.does(phone.user, isOn ? 'unblock' : 'block'),
              ),
              templatesOf('service_template').map((id) =>
                line(say('receive_template', templateTitle(id)), !(at.refused ?? []).includes(id), (isOn) =>
                  switches(phone, id, isOn),
                ),
              ),
              button(say('unfollow'), () => world.does(phone.user, 'unfollow'), {
                class: 'wide quiet',
                'data-key': 'unfollow',
              }),
            ]
          : button(say('follow_account'), () => follows(phone), { class: 'primary wide', 'data-key': 'follow' }),
        at.imageUrl ? h('p', { class: 'soft' }, say('came_by_code')) : null,
      ),
  }
}

async function switches(phone, id, isOn) {
  const answer = await world.does(phone.user, isOn ? 'allow-template' : 'refuse-template', { template_id: id })
  if (answer.ok) phone.at.refused = answer.body.refused_templates
  phone.shows()
}

async function follows(phone) {
  const { imageUrl, via } = phone.at
  const how = imageUrl ? { via: 'qrcode', image_url: imageUrl } : { via: via ?? 'search' }
  const answer = await world.does(phone.user, 'follow', how)
  if (answer.ok) phone.goes('account')
}

/** An article of the account's: made up, but for its card and its subscription button. */
export function articleScreen(phone) {
  return {
    nav: { title: say('service_account'), canBack: true, seen: ['article', languageNow()] },
    seen: [phone.at.url, phone.person.followed],
    content: () => article(document, phone, phone.at.url),
  }
}

export function article(page, phone, url) {
  const make = (tag, cls, ...content) => {
    const node = page.createElement(tag)
    if (cls) node.className = cls
    node.append(...content)
    return node
  }
  const subscribe = make(
    'button',
    'account-card',
    make('span', 'face', '订'),
    make('span', '', '订阅到期通知'),
    make('span', 'act', '订阅'),
  )
  subscribe.type = 'button'
  subscribe.addEventListener('click', () =>
    phone.permissions.prompts(templatesOf('service_notification'), { isArticle: true }),
  )
  const whole = make(
    'div',
    'article',
    make('h1', '', '关注服务号，到期不再错过'),
    make('div', 'by', '到期提醒 · 服务号文章'),
    make(
      'p',
      '',
      '护照、保修、牛奶：到期之前，我们会在微信里告诉您。关注服务号以后，每一次提醒都能收到，不用再逐次授权。',
    ),
    accountCard(page, phone),
    make('p', '', '不想关注？也可以只订阅下一条通知：'),
    subscribe,
    make('p', 'by', String(url ?? '')),
  )
  whole.lang = 'zh-CN'
  return whole
}

export function accountCard(page, phone) {
  const node = page.createElement('button')
  node.type = 'button'
  node.className = 'account-card'
  node.lang = 'zh-CN'
  const part = (cls, text) => Object.assign(page.createElement('span'), { className: cls, textContent: text })
  const who = part('', '到期提醒服务号')
  who.append(part('more', '到期前的每一次提醒'))
  node.append(part('face', '服'), who, part('act', phone.person?.followed ? '已关注' : '关注'))
  node.addEventListener('click', () => phone.goes('profile', { via: 'mini_program' }))
  return node
}
