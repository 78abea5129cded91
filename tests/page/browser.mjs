// A real Chromium, without a window and without a word to anybody but this machine.

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { chromium } from 'playwright-core'

const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const WIDE = { width: 1440, height: 900 }
const NARROW = { width: 390, height: 844 }

export class Browser {
  static async start() {
    const executablePath = PLACES.find((place) => place && existsSync(place))
    if (!executablePath) throw new Error('no Chromium: install it, or say where it is with CHROMIUM')
    const browser = new Browser()
    browser.folder = mkdtempSync(path.join(tmpdir(), 'page-check-'))
    const isRoot = process.getuid?.() === 0
    browser.chromium = await chromium.launch({ executablePath, args: isRoot ? [...QUIET, '--no-sandbox'] : QUIET })
    return browser
  }

  /** A page of its own, that remembers what went wrong on it. */
  async opens(url, { language = 'zh-CN', theme = 'light', isNarrow = false } = {}) {
    const context = await this.chromium.newContext({
      locale: language,
      colorScheme: theme,
      viewport: isNarrow ? NARROW : WIDE,
      hasTouch: isNarrow,
      timezoneId: 'Asia/Shanghai',
      reducedMotion: 'reduce',
    })
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    page.problems = []
    page.on(
      'console',
      (message) => message.type() === 'error' && page.problems.push(`${message.text()} ${message.location().url}`),
    )
    page.on('pageerror', (error) => page.problems.push(error.stack ?? String(error)))
    await page.goto(url)
    return page
  }

  async stop() {
    await this.chromium.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
