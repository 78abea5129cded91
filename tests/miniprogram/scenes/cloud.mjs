// Without a domain: the mini program reaches the API through the relay only, and the API answers nobody else.

import { once } from 'node:events'
import { createServer } from 'node:http'

import { Phone } from '../phone/phone.mjs'
import { Relay } from '../phone/relay.mjs'
import { adds, faultless, posts, told } from './common.mjs'

export const SECRET = 'made-up-origin-secret-0123456789abcdef'
const ENV = 'prod-1'

/** Each way: what config.js says, and the library of the phone. */
const WAYS = [
  { name: '小明', way: 'an HTTP function', config: { env: ENV, httpFunction: 'reminders' } },
  {
    name: '小红',
    way: 'an ordinary function, for an older library',
    config: { env: ENV, httpFunction: 'reminders', eventFunction: 'reminders-event' },
    library: '2.32.0',
  },
  { name: '小刚', way: 'a container', config: { env: ENV, service: 'reminders' } },
]

const portOf = (world) => Number(new URL(world.control).port) + 8

/** The whole way, from the login to the messages, by each of the three calls. */
export async function withoutDomain({ world, check, same }) {
  const phones = []
  for (const { name, way, config, library } of WAYS) {
    const relay = await Relay.start({ port: portOf(world), api: world.api, secret: SECRET, config })
    try {
      const phone = await Phone.of(world, name, { relay, library })
      phones.push(phone)
      await phone.opens()
      check(`${way}: the list is empty at first`, phone.text().includes('还没有物品'), phone.text())
      phone.lostAnswers.push(/^POST \/reminders$/)
      await adds(phone, '护照')
      check('it is saved', phone.text().includes('还有 3 次提醒，其中 1 次能送达'), phone.text())
      same('once, though the first answer was lost', [posts(phone, '/reminders').length, await saved(phone)], [2, 1])
      await phone.taps('修改')
      await phone.types('title', '')
      await phone.taps('保存')
      check('what is wrong is said at its field', phone.errorAt('title') !== '', phone.text())
      await phone.types('title', '新护照')
      await phone.taps('保存')
      check('it is changed, with the revision that was seen', phone.text().includes('新护照'), phone.text())
      await phone.opens({ page: 'pages/list/list' })
      check('the list has it', phone.text().includes('新护照'), phone.text())
      const past = await fetch(`${world.api}/me`, { headers: session(phone) })
      same('nobody comes past the relay', past.status, 403)
    } finally {
      relay.stop()
    }
  }
  await world.passesTo('2027-03-01T00:01:00+08:00')
  for (const phone of phones) same('a message comes for each of two prompts', (await told(phone)).length, 2)
  faultless(same, ...phones)
}

function session(phone) {
  return { Authorization: `Bearer ${JSON.parse(phone.storage.get('reminders.session'))}` }
}

async function saved(phone) {
  const answer = await fetch(`${phone.relay.url}/reminders?state=active&limit=10`, { headers: session(phone) })
  return (await answer.json()).reminders.length
}

/** What it passes on, and what not; and what it says when nobody answers. */
export async function relayAlone({ world, check, same }) {
  const seen = []
  const listener = createServer((request, response) => {
    seen.push({ method: request.method, url: request.url, headers: request.headers })
    if (request.url === '/silent') return
    response.writeHead(302, { Location: 'https://elsewhere.example/', 'Retry-After': '3' }).end('护照')
  })
  listener.listen(portOf(world) + 1, '127.0.0.1')
  await once(listener, 'listening')
  const api = `http://127.0.0.1:${portOf(world) + 1}`
  const of = (more) => Relay.start({ port: portOf(world), secret: SECRET, config: {}, ...more })

  const relay = await of({ api, more: { TIMEOUT_MS: '300' } })
  try {
    const headers = {
      Authorization: 'Bearer t',
      'If-Match': '"3"',
      'X-Origin-Secret': 'of-a-stranger',
      'X-WX-OPENID': 'o1',
      Cookie: 'c=1',
    }
    const answer = await fetch(`${relay.url}//evil.example/a%2Fb?q=%E6%8A%A4&q=2`, { headers, redirect: 'manual' })
    same('path and query go on as they are, to the API only', seen[0].url, '//evil.example/a%2Fb?q=%E6%8A%A4&q=2')
    same('the origin secret is the relay’s', seen[0].headers['x-origin-secret'], SECRET)
    same('so are what the API reads', [seen[0].headers.authorization, seen[0].headers['if-match']], ['Bearer t', '"3"'])
    const strange = Object.keys(seen[0].headers).filter((name) => /^x-wx|cookie|forwarded/.test(name))
    same('what WeChat adds stays', strange, [])
    same(
      'the answer comes back as it is, and nobody follows it elsewhere',
      [answer.status, answer.headers.get('retry-after'), await answer.text()],
      [302, '3', '护照'],
    )
    const silent = await fetch(`${relay.url}/silent`)
    same(
      'no answer is one that may be repeated',
      [silent.status, (await silent.json()).code],
      [504, 'relay_not_answered'],
    )
    const long = await fetch(`${relay.url}/reminders`, { method: 'POST', body: 'x'.repeat(70_000) })
    same('what the API would not read is not sent', [long.status, seen.length], [413, 2])
  } finally {
    relay.stop()
    listener.closeAllConnections()
    listener.close()
  }

  const open = await of({ api: world.api, secret: null })
  try {
    const refused = await fetch(`${open.url}/openapi.json`, { headers: { 'X-Origin-Secret': SECRET } })
    same(
      'without the secret the API refuses it',
      [refused.status, (await refused.json()).code],
      [403, 'forbidden_origin'],
    )
  } finally {
    open.stop()
  }
  const outcome = await of({ api: 'https://api.example/stage' }).then(
    () => 'it came up',
    (error) => error.message,
  )
  check('an address with a path is refused at the start', outcome.includes('API_URL must be'), outcome)
}
