// Thirty in one minute, and a list of a thousand.

import { Hand } from '../hand.mjs'

const ROWS_DRAWN_MAX = 40
const SEARCH_MS_MAX = 1500

export async function crowds({ world, opens, picture, check, same }) {
  const page = await opens('', { language: 'en-GB' })
  const hand = new Hand(page, 'en-GB')
  await hand.scene('herd')
  same('thirty people are there', (await world.get('/sim/users')).length, 30)
  await hand.nextPush()
  const told = (await world.get('/sim/users')).filter((one) =>
    one.inbox.some((item) => item.kind === 'template' || item.kind === 'subscription'),
  )
  same('of thirty the twenty who can be reached got it', told.length, 20)
  await picture(page, 'herd')

  const begun = performance.now()
  await hand.scene('thousand')
  console.log(`          a thousand people in ${Math.round(performance.now() - begun)} ms`)
  await page.getByText(hand.word('people_count', 1030, 1030)).waitFor()
  const rows = await page.locator('.person').count()
  check('only those in sight are drawn', rows <= ROWS_DRAWN_MAX, rows)
  const height = await page.evaluate(() => document.documentElement.scrollHeight)
  check('the page is no higher than the window', height <= 900, height)
  const searching = performance.now()
  await page.getByRole('searchbox').fill('0777')
  await page.getByText(hand.word('people_count', 1, 1030)).waitFor()
  const took = performance.now() - searching
  check('one of a thousand is found at once', took < SEARCH_MS_MAX, took)
  console.log(`          found in ${Math.round(took)} ms`)
  await page.locator('.person').click()
  await page.getByRole('heading', { name: hand.word('phone_of', '用户 0777') }).waitFor({ state: 'attached' })
  await picture(page, 'thousand')
}
