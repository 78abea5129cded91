/** Articles of an associated official account open in a web-view without any domain being configured. */
const ARTICLES = 'https://mp.weixin.qq.com/'

Page({
  data: { url: '' },

  onLoad(query) {
    const url = decodeURIComponent(query.url || '')
    // The address is part of a link that anybody can make.
    if (url.startsWith(ARTICLES)) this.setData({ url })
  },
})
