// The words of the mini program against the product's own sources: nothing that the API can say is left in English.

import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { Phone } from '../phone/phone.mjs'
import { adds, apiOf, faultless } from './common.mjs'
import { literalsOf } from './sources.mjs'

const require = createRequire(import.meta.url)
const { entryText, failureText, fieldTexts, pushText } = require('../lib/words.js')
const { reasonWords, remedyText } = require('../lib/reasons.js')

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..')
const CORE = 'shared/reminder-core/src'
/** Where a push's `reason` and a timeline's `detail` are put into words. */
const SPEAKING = [
  'app/wechat/error.rs',
  'reach.rs',
  'registration/plan.rs',
  'registration/save.rs',
  'reminder/transitions.rs',
  'delivery/arming/selection.rs',
  'delivery/facts.rs',
  'delivery/next.rs',
  'delivery/redrive.rs',
  'delivery/resolve.rs',
  'delivery/rest.rs',
  'delivery/run/outcome.rs',
  'delivery/settle.rs',
]
/** Literals of these files that are no reasons: events, why a channel was chosen, parts of sentences, names of jobs. */
const NO_REASONS = [
  /^(?:deleted|done|sent|refused|retrying|undeliverable|unresolved|unknown|delivered|blocked|failed|postponed|armed|skipped|abandoned|renewed)$/,
  /^the user follows|^the user refused|^a long-term subscription$|^an accepted prompt was reported|^WeChat may still have/,
  /^mini_subscription: x$|^of revision|^revision |; again at|^next channel$|^, $|^$|^\{\}$|^x: x$|^x \(x\)$/,
  /^settings$|^since-|^template-|^channels?$|^again$|^even_unknown$|^openid$|^id$|^since$|^template$/,
]
/** Codes that only a program meets: a fault of the mini program, or of somebody's server. */
const FOR_PROGRAMS = [
  'invalid_json',
  'forbidden_origin',
  'not_for_servers',
  'user_unknown',
  'method_not_allowed',
  'body_too_large',
]
/** Of a field that a form does not have. */
const RULES_FOR_PROGRAMS = ['unknown_field', 'wrong_type']
const OTHER = '服务方的系统有情况'

const isChinese = (text) => /^[^a-z_]+$/.test(text)
const ruleText = (code) =>
  fieldTexts({ errors: [{ field: 'title', code, params: { min: 1, max: 2, minutes: 3, years: 4 } }] }).title

/** Every event, state, code and reason. */
export async function words({ world, check, same }) {
  const description = await (await fetch(`${world.api}/openapi.json`)).json()
  const named = (schema) => description.components.schemas[schema].enum
  const declared = read('../../../tests/miniprogram/lib/index.d.ts')
  for (const schema of ['EventName', 'PushState', 'ReminderState', 'ChannelName', 'AskName', 'FollowWay']) {
    const missing = named(schema).filter((name) => !declared.includes(`'${name}'`))
    same(`the client declares every ${schema}`, missing, [])
  }
  const unsaid = named('EventName').filter((event) => {
    const text = entryText({ event })
    return text === entryText({ event: 'no such event' }) || !isChinese(text)
  })
  same('every event of a timeline has words', unsaid, [])
  const texts = named('PushState').flatMap((state) =>
    named('ChannelName').map((channel) => pushText({ state, channel })),
  )
  const odd = texts.filter((text) => !/^[^a-z_]+（[^a-z_]+）$/.test(text))
  same('so has every state of a push, on every channel', odd, [])
  const wordless = named('RuleCode').filter(
    (code) => !isChinese(ruleText(code)) || ruleText(code) === ruleText('no such'),
  )
  same('so has every rule for a field', wordless, RULES_FOR_PROGRAMS)

  const general = failureText({ code: 'no such code' })
  const silent = named('Code').filter((code) => failureText({ code }) === general)
  same('every error that a user can meet has words', silent.sort(), [...FOR_PROGRAMS].sort())

  reasons(check, same)
  codes(check, same)
  await rules(world, same)
}

function reasons(check, same) {
  // What is Chinese there is said to the owner, beside the English; a timeline has the English.
  const literals = SPEAKING.flatMap((file) =>
    literalsOf(read(file), { errorsToo: file.endsWith('error.rs') })
      .filter((text) => !/\p{Script=Han}/u.test(text))
      .map((text) => [file, text]),
  )
  check('the sources speak', literals.length > 60, literals.length)
  const said = literals
    .map(([file, text]) => [
      file,
      text
        .replace(/\{channel\}: /, 'mini_subscription: ')
        .replace(/\{channel\}_/, 'service_template_')
        .replace(/\{[^}]*\}/g, 'x'),
    ])
    .filter(([, text]) => !NO_REASONS.some((pattern) => pattern.test(text)))
  const unknown = said.filter(([, text]) => reasonWords(text).text === OTHER)
  same('every reason that they give has words', unknown, [])
  check('they are many', said.length > 35, said.length)
  check(
    'in Chinese',
    said.every(([, text]) => isChinese(reasonWords(text).text)),
    said,
  )
  const documented = [
    ...readFileSync(path.join(ROOT, 'docs/errors.md'), 'utf8')
      .split('| reason |')[1]
      .split('\nOf `coverage`')[0]
      .matchAll(/^\| (`[^|]*) \|/gm),
  ].flatMap(([, cell]) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word))
  check('docs/errors.md lists reasons', documented.length >= 15, documented)
  same(
    'so has every one that docs/errors.md lists',
    documented.filter((word) => reasonWords(word).text === OTHER),
    [],
  )
  same(
    'several are joined',
    remedyText(reasonWords('not_following, no_credit').remedies),
    '可以关注服务号，或可以再授权一次',
  )
}

/** WeChat's codes, by their class: what the user can mend is said to them. */
function codes(check, same) {
  const table = readFileSync(path.join(ROOT, 'shared/wechat/src/errcode/table.rs'), 'utf8')
  const rows = [...table.matchAll(/^ {4}(?:one\((-?\d+), |row\((\d+), (\d+), )(\w+),/gm)]
  check('the table of codes is read', rows.length > 90, rows.length)
  const general = reasonWords('1 no such code').text
  const ofUser = rows
    .filter(([, , , , kind]) => kind === 'Recipient' || kind === 'Content')
    .map(([, one, first]) => Number(one ?? first))
  same(
    'every code about the user or their words has words of its own',
    ofUser.filter((code) => reasonWords(`mini_subscription: ${code} …`).text === general),
    [],
  )
  check(
    'all others have some',
    rows.every(([, one, first]) => isChinese(reasonWords(`service_template: ${one ?? first} …`).text)),
    general,
  )
}

/** What the API refuses of a form is said at its fields, in Chinese. */
async function rules(world, same) {
  const phone = await Phone.of(world, '小词')
  await phone.opens()
  await adds(phone, '护照', { days: [7] })
  const push = { days_before: 7, time: '09:00' }
  const draft = { template: 'expiry', title: '护照', expires_on: '2027-03-01', pushes: [push] }
  const wrong = [
    { repeat: { every: 'P1W' }, pushes: [{ days_before: 7, time: '09:00' }] },
    { expires_on: '2026-01-01' },
  ]
  const said = []
  for (const one of wrong) said.push(fieldTexts(await apiOf(phone, '/reminders', 'POST', { ...draft, ...one })))
  same('also of days and of periods', said, [
    { pushes: '第 1 次提醒：提前的时间必须短于重复周期' },
    { expires_on: '到期时间至少要在 15 分钟以后' },
  ])
  faultless(same, phone)
}

function read(file) {
  return readFileSync(path.join(ROOT, CORE, file), 'utf8')
}

/** What reviewers refuse: pressing somebody to follow or to subscribe, or rewarding it (docs/wechat.md §14.16). */
const PRESSING =
  /必须关注|需要关注|请关注|快关注|立即关注|马上关注|关注才|关注后才|先关注|不关注|奖励|领取|红包|福利|优惠|抽奖|积分|免费送|必须授权|请授权|请订阅|才能使用|解锁/

export async function review({ check, same }) {
  const app = path.join(ROOT, 'tests/miniprogram')
  const files = ['pages', 'lib']
    .flatMap((folder) => filesUnder(path.join(app, folder)))
    .filter((file) => /\.(?:js|wxml|json)$/.test(file))
  check('there are texts to look at', files.length >= 20, files.length)
  const found = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(new RegExp(PRESSING, 'g'))].map(
      ([text]) => `${path.basename(file)}: ${text}`,
    ),
  )
  same('no text presses anybody', found, [])
}

function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((one) => {
    const at = path.join(folder, one.name)
    return one.isDirectory() ? filesUnder(at) : [at]
  })
}
