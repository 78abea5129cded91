// Makes the two pictures of the README anew, docs/phone-en.png and docs/phone-zh.png: node tests/page/readme.mjs

import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { World } from '../miniprogram/phone/world.mjs'
import { Browser } from './browser.mjs'
import { Hand } from './hand.mjs'

const DOCS = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../docs')

const browser = await Browser.start()
for (const language of ['en-GB', 'zh-CN']) {
  const world = await World.start({ basePort: 9650, now: '2027-01-10T10:00:00+08:00' })
  const page = await browser.opens(world.control, { language })
  await page.setViewportSize({ width: 1320, height: 830 })
  const hand = new Hand(page, language)
  await hand.picksUp()
  await hand.opensApp()
  await hand.adds('护照', '2027-03-01')
  await hand.app.locator('.push').first().waitFor()
  await hand.nextPush()
  const [{ name }] = await world.get('/sim/users')
  await world.post(`/sim/users/${encodeURIComponent(name)}/follow`, { via: 'search' })
  await page.locator('.person').getByText(hand.word('follows'), { exact: true }).waitFor()
  await hand.nextPush()
  await page.locator('[data-key^=story-]').nth(1).click()
  await page.locator('.sequence .arrow').first().waitFor()
  await page.locator('.message-banner').waitFor()
  await page.locator('#note').evaluate((note) => (note.textContent = ''))
  await page.waitForTimeout(300)
  await page.screenshot({ path: path.join(DOCS, `phone-${language.slice(0, 2)}.png`) })
  await page.context().close()
  await world.stop()
}
await browser.stop()
