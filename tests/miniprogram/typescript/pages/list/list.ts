// The page pages/list/list once more, in TypeScript, with the client from its package: for projects that DevTools compiles
// itself (`"useCompilerPlugins": ["typescript"]`), or a bundler. The sample does not open it; the checks compile and play it.

import {
  expiryText,
  failureText,
  hasContact,
  missingCredits,
  momentText,
  waysToFollow,
  type Me,
  type Reminder,
  type ReminderState,
} from 'reminders-miniprogram-client'

import type { SampleApp } from '../../app'

const app = getApp<SampleApp>()

type Tap<Data extends WechatMiniprogram.IAnyObject> = WechatMiniprogram.BaseEvent<WechatMiniprogram.IAnyObject, Data>

interface Item {
  id: string
  title: string
  expires: string
  next: string
}

interface Card {
  path?: string
  query?: Record<string, string>
}

const TABS: { state: ReminderState; title: string }[] = [
  { state: 'active', title: '进行中' },
  { state: 'done', title: '已处理' },
  { state: 'expired', title: '已到期' },
]

Page({
  data: {
    tabs: TABS,
    state: 'active' as ReminderState,
    items: [] as Item[],
    cursor: null as string | null,
    loaded: false,
    canFollow: false,
    hasContact: hasContact(wx),
    problem: '',
  },

  onShow() {
    return this.refresh()
  },

  async onPullDownRefresh() {
    await this.refresh()
    wx.stopPullDownRefresh()
  },

  async onReachBottom() {
    if (this.data.cursor) await this.load(this.data.cursor)
  },

  async refresh(): Promise<void> {
    await app.addingCredit
    const [reminders, me] = await Promise.all([this.load(), this.loadMe()])
    if (reminders && me && this.data.state === 'active') app.missing = missingCredits(me, reminders)
  },

  async load(cursor?: string): Promise<Reminder[] | undefined> {
    const state = this.data.state
    try {
      const page = await app.reminders.list(cursor ? { state, cursor } : { state })
      if (state !== this.data.state) return // the user is on another tab by now
      const items = page.reminders.map(itemOf)
      this.setData({
        items: cursor ? this.data.items.concat(items) : items,
        cursor: page.cursor,
        loaded: true,
        problem: '',
      })
      return page.reminders
    } catch (error) {
      this.setData({ problem: failureText(error as { code?: string }) })
    }
  },

  async loadMe(): Promise<Me | undefined> {
    try {
      const me = await app.me()
      this.setData({ canFollow: waysToFollow(me, wx).length > 0 })
      return me
    } catch {
      // The list says what is wrong.
    }
  },

  async onTab(event: Tap<{ state: ReminderState }>) {
    app.addCredit()
    this.setData({ state: event.currentTarget.dataset.state, items: [], cursor: null, loaded: false })
    await this.load()
  },

  onAdd() {
    app.addCredit()
    wx.navigateTo({ url: '/pages/edit/edit' })
  },

  onOpen(event: Tap<{ id: string }>) {
    app.addCredit()
    wx.navigateTo({ url: '/pages/item/item?id=' + event.currentTarget.dataset.id })
  },

  onFollow() {
    wx.navigateTo({ url: '/pages/follow/follow' })
  },

  onContact({ detail }: WechatMiniprogram.CustomEvent<Card>) {
    if (!detail.path) return
    const pairs = Object.entries(detail.query ?? {}).map((pair) => pair.join('='))
    wx.navigateTo({ url: '/' + detail.path.replace(/^\//, '') + (pairs.length ? '?' + pairs.join('&') : '') })
  },
})

function itemOf(reminder: Reminder): Item {
  const next = reminder.pushes.find((push) => push.state === 'scheduled')
  return {
    id: reminder.id,
    title: reminder.title,
    expires: expiryText(reminder),
    next: next ? momentText(next.fires_at) : '',
  }
}
