// What fingers do beside the story: a code that is pressed long, the contact button, choices that are kept, other answers.

import { Hand } from '../hand.mjs'

const credits = async (world) =>
  Object.values((await world.get('/sim/users'))[0].credits).reduce((sum, n) => sum + n, 0)

/** The prompt of the item's page, where it still asks. */
const asksAgain = (hand) => hand.app.getByText('再授权一次').click()

export async function hands({ world, opens, picture, check, same }) {
  const page = await opens()
  const hand = new Hand(page)
  const dialog = hand.device.getByRole('dialog')
  await hand.scene('first_steps')
  await hand.opensApp()
  await hand.adds('护照', '2027-03-01', 'cancel')
  await hand.app.getByText('再授权一次').waitFor()
  same('a prompt that is refused gives no credit', await credits(world), 0)

  for (const answer of ['ban', 'filter', 'reject', '10005']) {
    await asksAgain(hand)
    await dialog.locator('select').selectOption(answer)
    await dialog.waitFor({ state: 'detached' })
  }
  same('nor does a banned, filtered or hidden one', await credits(world), 0)

  await asksAgain(hand)
  await picture(page, 'hands-prompt')
  await dialog.getByText(hand.word('always_keep')).click()
  await dialog.getByRole('button', { name: hand.word('allow'), exact: true }).click()
  await page.locator('.person').getByText(hand.word('credits', 1)).waitFor()
  await asksAgain(hand)
  await page.locator('.person').getByText(hand.word('credits', 2)).waitFor()
  check('a choice that is kept is not asked again, and counts', (await dialog.count()) === 0)

  await page.locator('[data-key=menu]').click()
  await dialog.getByRole('button', { name: hand.word('settings'), exact: true }).click()
  await hand.device.getByRole('switch').nth(1).waitFor()
  await picture(page, 'hands-settings')
  await hand.device.getByRole('switch').nth(1).click()
  await page.locator('.person').getByText(hand.word('credits', 2)).waitFor({ state: 'detached' })
  same('switched off in the settings, nothing of it is left', await credits(world), 0)
  await page.locator('[data-key=back]').click()

  await hand.app.getByText('联系客服').click()
  await hand.device.locator('.messages .bubble').first().waitFor()
  const callbacks = await world.get('/sim/callbacks')
  check(
    'the contact button hands over its session-from',
    callbacks.some((one) => one.document.includes('item:')),
  )
  await page.locator('[data-key=back]').click()

  await hand.app.getByText('关注服务号').first().click()
  const code = hand.app.locator('wx-image')
  await code.waitFor()
  await code.click({ button: 'right' })
  await picture(page, 'hands-code')
  await dialog.getByRole('button', { name: hand.word('read_code'), exact: true }).click()
  await hand.device.locator('[data-key=follow]').click()
  await hand.device.locator('.messages .bubble').first().waitFor()
  const followed = (await world.get('/sim/callbacks')).find((one) => one.event === 'subscribe')
  check(
    'a code that was pressed long follows and says who it is',
    followed?.document.includes('qrscene_'),
    followed?.document,
  )
}
