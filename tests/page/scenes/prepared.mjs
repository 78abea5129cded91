// The prepared scenes: each is set up by one click, each has an address, and what they say happens.

import { Hand } from '../hand.mjs'

const NAMES = [
  'first_steps',
  'mini_program_only',
  'follower',
  'blocked',
  'used_up',
  'wechat_down',
  'lost_answer',
  'crash',
]

const told = (user) => user.inbox.filter((one) => one.kind === 'template' || one.kind === 'subscription').length

export async function prepared({ world, opens, check, same }) {
  const page = await opens()
  const hand = new Hand(page)
  await page.locator('.welcome').waitFor()
  for (const name of NAMES) await hand.scene(name)
  same('nothing went wrong', await page.locator('.panel-body.scenes .problem').count(), 0)
  const there = (await world.get('/sim/users')).map((one) => one.name)
  check('each has somebody', there.length === NAMES.length, there)

  const address = await opens('?scene=used_up')
  const other = new Hand(address)
  await address.locator('.scenes .chosen').getByText(other.word('scene_used_up')).waitFor()
  check(
    'an address leads to a scene, and sets nothing up by itself',
    (await world.get('/sim/users')).length === NAMES.length,
  )
  await other.scene('used_up')
  const users = await world.get('/sim/users')
  const { name } = users.at(-1)
  same('the first came, the second did not', told(users.at(-1)), 1)
  await other.tab('why')
  await other.why().locator('.reason').first().waitFor()
  const reason = await other.why().locator('.reason').first().textContent()
  check(
    'it says why, in plain words',
    reason.includes(other.word('reason_no_credit')) && reason.includes(other.word('reason_not_following')),
    reason,
  )
  check('and what would mend it', (await other.why().locator('.mend').count()) > 0)
  await other.device.locator('[data-key=find]').click()
  await other.device.locator('[data-key=follow]').click()
  await other.device.locator('.messages .bubble').first().waitFor()
  await world.passes('PT10M')
  const after = (await world.get('/sim/users')).find((one) => one.name === name)
  same('following mends it: the missed one comes', told(after), 2)
}
