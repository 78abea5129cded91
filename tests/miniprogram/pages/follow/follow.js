const { failureText } = require('../../lib/words.js')
const { openCard } = require('../../lib/routes.js')

const app = getApp()

/**
 * The guide. Which ways work depends on how the mini program was opened; the API says which, best first.
 *
 * Nothing tells a mini program that its user followed, so the page asks again whenever it is shown.
 */
Page({
  /** The component can fail where it was expected to show; then the other ways remain. */
  refused: [],
  articleUrl: '',
  qrcodeExpiresAt: 0,

  data: {
    /** `official_account` `qrcode` `contact` `article` */
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
      const methods = me.guide.methods.filter((method) => !this.refused.includes(method))
      this.articleUrl = me.guide.article_url || ''
      this.setData({
        methods,
        followed: me.followed,
        loaded: true,
        sessionFrom: me.guide.contact ? me.guide.contact.session_from : '',
        problem: '',
      })
      if (methods.includes('qrcode')) await this.loadQrcode()
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

  /** `status` 5: not in this scene. Whatever it is, the component stays empty. */
  onOfficialAccountError() {
    this.refused = ['official_account']
    this.setData({ methods: this.data.methods.filter((method) => method !== 'official_account') })
  },

  onArticle() {
    wx.navigateTo({ url: '/pages/article/article?url=' + encodeURIComponent(this.articleUrl) })
  },

  onRefresh() {
    return this.load()
  },

  onContact: openCard,
})
