// The whole story, played by taps alone on the phone's pages.

import { Hand } from '../hand.mjs'

export async function story({ world, opens, picture, check, same, language }) {
  const begun = performance.now()
  const page = await opens('', { language })
  const hand = new Hand(page, language)
  const short = language.slice(0, 2)
  await hand.picksUp()
  await hand.opensApp()
  await hand.app.locator('wx-button[type=primary]').waitFor()
  check(
    'within a minute a phone is held, with the mini program open',
    performance.now() - begun < 60_000,
    performance.now() - begun,
  )
  console.log(`          ${Math.round(performance.now() - begun)} ms from the address to the mini program`)
  await hand.app.locator('wx-button[type=primary]').click()
  await hand.app.locator('input[type=date]').waitFor()
  await page.locator('.nav .back').click()
  await hand.adds('护照', '2027-03-01')
  await hand.app.getByText('护照').first().waitFor()
  const [user] = await world.get('/sim/users')
  same('one prompt was accepted', Object.values(user.credits), [1])
  await hand.app.getByText('1').first().waitFor()
  await picture(page, `story-saved-${short}`)

  await hand.nextPush()
  await page.locator('.message-banner').waitFor()
  await picture(page, `story-banner-${short}`)
  await page.locator('.message-banner').click()
  await page.locator('.device .card').first().click()
  await hand.app.getByText('护照').first().waitFor()
  check('a tap on the message opens the item', true)

  await follows(hand, page, check)
  await hand.nextPush()
  await hand.nextPush()
  const inbox = await world.get(`/sim/users/${encodeURIComponent(user.name)}/inbox`)
  const told = inbox
    .filter((one) => one.kind === 'template' || one.kind === 'subscription')
    .map((one) => [one.at, one.kind])
  same('three messages came, each at its minute', told, [
    ['2027-01-30T01:00:00Z', 'subscription'],
    ['2027-02-22T01:00:00Z', 'template'],
    ['2027-02-28T01:00:00Z', 'template'],
  ])
  await hand.tab('why')
  await hand
    .why()
    .locator('.badge.good', { hasText: hand.word('push_delivered') })
    .nth(2)
    .waitFor()
  check('beside it every push says that it was delivered', true)
  await page.locator('[data-key^=story-]').first().click()
  await page.locator('.sequence .arrow').first().waitFor()
  const cost = await page.locator('figcaption').first().textContent()
  check('the story of a push has its cost', /\d/.test(cost) && !cost.includes(hand.word('not_yet')), cost)
  console.log(`          ${cost}`)
  await picture(page, `story-why-${short}`)
}

/** By the customer-service session, its card, the article, and the account's page. */
async function follows(hand, page, check) {
  await page.locator('[data-key=close]').click()
  await hand.device.locator('[data-key=mini_program_session]').click()
  await hand.device.getByRole('textbox').fill('关注')
  await hand.device.locator('.composer button').click()
  await hand.device.locator('.card.linked').first().click()
  await hand.device.locator('.account-card').first().click()
  await hand.device.locator('[data-key=follow]').click()
  await hand.device.locator('.messages .bubble').first().waitFor()
  check('the account greets its new follower', true)
}
