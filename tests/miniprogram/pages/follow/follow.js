const { openArticle, openProfile, waysToFollow } = require('../../lib/guide.js')
const { failureText } = require('../../lib/words.js')
const { openCard } = require('../../lib/routes.js')

const app = getApp()

/**
 * The guide. Which ways work depends on how the mini program was opened, and on what; the API and the phone say which,
 * best first.
 *
 * Nothing tells a mini program that its user followed, so the page asks again whenever it is shown.
 */
Page({
  /** Ways that were expected to work here, and failed; then the others remain. */
  refused: [],
  me: null,
  qrcodeExpiresAt: 0,

  data: {
    /** `official_account` `profile` `qrcode` `article` `contact` */
    methods: [],
    followed: false,
    loaded: false,
    sessionFrom: '',
    qrcode: '',
    problem: '',
  },

  onShow() {
    return this.load()
  },

  async load() {
    try {
      const me = await app.me()
      this.me = me
      this.setData({
        methods: waysToFollow(me, wx, this.refused),
        followed: me.followed,
        loaded: true,
        sessionFrom: me.guide.contact ? me.guide.contact.session_from : '',
        problem: '',
      })
      if (this.data.methods.includes('qrcode')) await this.loadQrcode()
    } catch (error) {
      this.setData({ problem: failureText(error) })
    }
  },

  /** A code is good for one person, once, and for a limited time. */
  async loadQrcode() {
    if (this.data.qrcode && Date.now() < this.qrcodeExpiresAt) return
    const code = await app.reminders.qrcode()
    this.qrcodeExpiresAt = Date.parse(code.expires_at)
    this.setData({ qrcode: code.image_url })
  },

  refuse(way) {
    this.refused = this.refused.concat(way)
    this.setData({ methods: this.data.methods.filter((method) => method !== way) })
  },

  /** `status` 5: not in this scene. Whatever it is, the component stays empty. */
  onOfficialAccountError() {
    this.refuse('official_account')
  },

  async onProfile() {
    if (await openProfile(this.me, wx)) return
    this.refuse('profile')
  },

  async onArticle() {
    if (await openArticle(this.me, wx)) return
    wx.navigateTo({ url: '/pages/article/article?url=' + encodeURIComponent(this.me.guide.article_url) })
  },

  onRefresh() {
    return this.load()
  },

  onContact: openCard,
})
