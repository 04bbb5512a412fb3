// usage: node shoot.mjs ADDRESS OUTPUT_FOLDER CHROMIUM [PICTURE…]
import { chromium } from 'playwright-core'

const [address, folder, executablePath, ...wanted] = process.argv.slice(2)
const shop = '/p/default/shop'

/** What is pictured: the file's name, where, and what to do there before. */
const pictures = [
  ['overview', `${shop}?env=prod`],
  ['flags', `${shop}/flags?env=prod`],
  ['flag', `${shop}/flags/new-checkout?env=prod`],
  [
    'evaluate',
    `${shop}/evaluate?env=prod&flag=new-checkout`,
    async (page) => {
      await page.getByLabel('Targeting key').fill('user-7')
      await page.getByLabel('Name').first().fill('country')
      await page.getByLabel('Value').first().fill('US')
      await page.getByRole('main').getByRole('button', { name: 'Evaluate' }).click()
      await page.waitForLoadState('networkidle')
    },
  ],
  [
    'results',
    `${shop}/experiments/sticky-button?env=prod`,
    async (page) => {
      const results = page.getByRole('region', { name: 'Results' })
      // Made-up people take a minute or two to come.
      await results.getByRole('table', { name: 'Metrics' }).getByText('Better', { exact: true }).first().waitFor({ timeout: 300_000 })
      await results.evaluate((element) => scrollBy(0, element.getBoundingClientRect().top - 76))
    },
  ],
  [
    'bandit',
    `${shop}/flags/promo-banner?env=prod&tab=bandit`,
    async (page) => {
      await page.getByRole('img', { name: /^Shares over time/ }).waitFor({ timeout: 300_000 })
      await page.getByRole('tablist').first().evaluate((element) => scrollBy(0, element.getBoundingClientRect().top - 76))
    },
  ],
  ['segments', `${shop}/segments?env=prod`],
  ['environments', `${shop}/environments?env=prod`],
  ['compare', `${shop}/environments/compare?env=prod`],
  ['connect', `${shop}/connect?env=prod`],
  ['audit', `${shop}/audit?env=prod`],
  ['members', '/o/default/members'],
  [
    'palette',
    `${shop}/flags?env=prod`,
    async (page) => {
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox', { name: 'Search and commands' }).waitFor()
      await page.keyboard.type('turn off check')
      await page.getByRole('listbox', { name: 'Results' }).getByRole('option').first().waitFor()
    },
  ],
]

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] })
try {
  for (const colorScheme of ['light', 'dark']) {
    const context = await browser.newContext({ baseURL: address, colorScheme, viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', locale: 'en-US', timezoneId: 'UTC' })
    const page = await context.newPage()
    await page.goto('/login')
    await page.getByLabel('E-mail').fill('admin@togglr.dev')
    await page.getByLabel('Password', { exact: true }).fill('password543210')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.waitForURL(({ pathname }) => pathname !== '/login')
    for (const [name, path, prepare] of pictures.filter(([name]) => wanted.length === 0 || wanted.includes(name))) {
      await page.goto(path)
      await page.waitForLoadState('networkidle')
      await page.getByRole('heading', { level: 1 }).first().waitFor()
      await prepare?.(page)
      // Fonts and what appears with them.
      await page.evaluate(() => document.fonts.ready)
      await page.waitForTimeout(300)
      await page.screenshot({ path: `${folder}/${name}${colorScheme === 'dark' ? '-dark' : ''}.png`, animations: 'disabled', caret: 'hide' })
    }
    await context.close()
  }
} finally {
  await browser.close()
}
