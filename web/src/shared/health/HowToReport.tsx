import { Tabs, Title } from '@mantine/core'
import { CodeBlock } from './CodeBlock'
import { useHealthTexts } from './texts/useHealthTexts'

/** Code that reports an error, ready to paste. */
export function HowToReport({ flag }: { flag: string }) {
  const t = useHealthTexts()
  const origin = window.location.origin
  return (
    <div style={{ maxWidth: 760, margin: '0 auto', padding: 'var(--mantine-spacing-md)' }}>
      <Title order={3} size="h6" mb="xs">
        {t.howTo}
      </Title>
      <Tabs defaultValue="sdk">
        <Tabs.List>
          <Tabs.Tab value="sdk">{t.sdk}</Tabs.Tab>
          <Tabs.Tab value="http">{t.http}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="sdk" pt="xs">
          <CodeBlock
            code={`try
{
    await PlaceOrderAsync(order);
}
catch (Exception exception)
{
    togglr.ReportError("${flag}", user, exception);
    throw;
}`}
          />
        </Tabs.Panel>
        <Tabs.Panel value="http" pt="xs">
          <CodeBlock
            code={`curl -X POST '${origin}/sdk/v1/features/${flag}/report-error' \\
  -H "Authorization: $SDK_KEY" -H 'Content-Type: application/json' \\
  -d '{"error_type":"timeout","error_message":"the payment service did not answer","variant_key":"on"}'`}
          />
        </Tabs.Panel>
      </Tabs>
    </div>
  )
}
