// Every fault of the menu, armed and met, and what it leads to.

import { Hand } from '../hand.mjs'

/**
 * By fault: the scene it is played in, the account it is armed for, how long is waited after the push, and how many messages
 * there are at its moment and in the end.
 */
const CASES = {
  lost_answer: { scene: 'follower', account: 'service_account', waits: 'PT2H', first: 1, last: 1 },
  errcode_43101: { scene: 'mini_program_only', waits: 'PT4H', first: 0, last: 1 },
  errcode_45009: { scene: 'follower', account: 'service_account', waits: 'P2D', first: 0, last: 1 },
  errcode_47003: {
    scene: 'follower',
    account: 'service_account',
    waits: 'P2D',
    first: 0,
    last: 0,
    state: 'push_undeliverable',
  },
  wechat_down: { scene: 'follower', isAtMoment: true, waits: 'PT3H', first: 0, last: 1 },
  receipt_lost: {
    scene: 'follower',
    account: 'service_account',
    waits: 'PT10M',
    first: 1,
    last: 1,
    state: 'push_sent',
  },
  follow_lost: { scene: 'first_steps', follows: true },
  crash_before: { scene: 'follower', isAtMoment: true, waits: 'PT1H', last: 1 },
  crash_after: { scene: 'follower', isAtMoment: true, waits: 'PT1H', last: 1 },
  user_blocks: { scene: 'follower', waits: 'PT1H', first: 0, last: 0, state: 'push_undeliverable' },
  secret_reset: { scene: 'follower', account: 'service_account', waits: 'PT10M', first: 1, last: 1 },
}

const told = async (world, name) =>
  (await world.get(`/sim/users/${encodeURIComponent(name)}/inbox`)).filter(
    (one) => one.kind === 'template' || one.kind === 'subscription',
  ).length

async function plays(fault, around) {
  const { world, opens, check, same } = around
  const { scene, account, isAtMoment, waits, first, last, state, follows } = CASES[fault]
  const page = await opens()
  const hand = new Hand(page)
  await hand.scene(scene)
  const [{ name }] = await world.get('/sim/users')
  if (isAtMoment) {
    const { next } = (await world.get('/sim/schedules'))
      .filter((one) => one.expression.startsWith('at('))
      .sort((a, b) => a.next.localeCompare(b.next))[0]
    await world.passesTo(new Date(Date.parse(next) - 1000).toISOString())
  }
  await hand.tab('mischief')
  if (account) await page.locator('[data-key=account]').selectOption(account)
  await page.locator(`.mischief [data-key=${fault}]`).click()
  if (!['user_blocks', 'secret_reset'].includes(fault)) {
    await page.locator('.armed li').first().waitFor()
    check(
      'it is seen to be armed',
      (await page.locator('.armed li').first().textContent()).includes(hand.word(`fault_${fault}`)),
    )
  }
  if (follows) {
    await hand.device.locator('[data-key=find]').click()
    await hand.device.locator('[data-key=follow]').click()
    await page.locator('.armed').getByText(hand.word('nothing_armed')).waitFor()
    return check('it is met by the follow, and armed no more', true)
  }
  await hand.nextPush()
  if (first !== undefined) same('messages at that moment', await told(world, name), first)
  await world.passes(waits)
  same('messages in the end', await told(world, name), last)
  await hand.tab('why')
  await hand.why().locator('.push .badge').first().waitFor()
  const states = await hand.why().locator('.push .badge').allTextContents()
  if (state) check(`the push says: ${hand.word(state)}`, states.includes(hand.word(state)), states)
  else
    await hand
      .why()
      .locator('.badge.good', { hasText: hand.word('push_delivered') })
      .first()
      .waitFor()
  if (fault === 'wechat_down') return
  await hand.tab('mischief')
  await page.locator('.armed').getByText(hand.word('nothing_armed')).waitFor()
}

async function clearing({ opens, check }) {
  const page = await opens()
  const hand = new Hand(page)
  await hand.picksUp()
  await hand.tab('mischief')
  await page.locator('.mischief [data-key=errcode_43101]').click()
  await page.locator('.armed li').first().waitFor()
  await hand.tab('behind')
  await page.locator('[data-key=doctor]').click()
  await page.locator('.findings li').first().waitFor()
  check('the doctor answers from the page', (await page.locator('.findings li').count()) > 5)
  const lang = await page.locator('html').getAttribute('lang')
  const said = await page.locator('.findings [lang]').first()
  check('in the language of the page', lang.startsWith(await said.getAttribute('lang')))
  await hand.tab('mischief')
  await page.locator('[data-key=clear]').click()
  await page.locator('.armed').getByText(hand.word('nothing_armed')).waitFor()
  check('what is armed can be cleared', true)
}

export const faults = [
  ...Object.keys(CASES).map((fault) => ({ title: `fault ${fault}`, play: (around) => plays(fault, around) })),
  { title: 'faults are cleared', play: clearing },
]
