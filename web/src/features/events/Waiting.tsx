import { Loader, SegmentedControl, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { CodeBlock } from '@/shared/health/CodeBlock'
import { useEventsTexts } from './texts/useEventsTexts'

const languages = ['curl', 'dotnet'] as const
const labels = { curl: 'curl', dotnet: '.NET' }

function snippet(language: (typeof languages)[number], origin: string, key: string): string {
  if (language === 'dotnet') {
    return `using Togglr.Evaluation;
using Togglr.Sdk;

await using var togglr = new TogglrClient(new TogglrClientOptions
{
    Endpoint = new Uri("${origin}"),
    SdkKey = "${key}",
});
togglr.Track("purchase", 19.90, EvaluationContext.Of("user-123"));
await togglr.FlushAsync();`
  }
  return `curl ${origin}/sdk/v1/events \\
  -H "Authorization: ${key}" -H "Content-Type: application/json" \\
  -d '{"events":[{"type":"metric","id":"'$(date +%s%N)'","at":"'$(date -u +%FT%TZ)'",
       "event":"purchase","unit":"user-123","value":19.90}]}'`
}

/** What stands where events will be: how to send the first one. */
export function Waiting() {
  const t = useEventsTexts()
  const [language, setLanguage] = useState<(typeof languages)[number]>('curl')
  return (
    <Stack align="center" gap="sm" py="xl">
      <Loader type="dots" aria-hidden />
      <Title order={2} size="h4" ta="center">
        {t.waitingTitle}
      </Title>
      <Text c="dimmed" ta="center" maw={520}>
        {t.waitingText}
      </Text>
      <SegmentedControl size="xs" aria-label={t.how} value={language} onChange={(value) => setLanguage(value as 'curl')} data={languages.map((value) => ({ value, label: labels[value] }))} />
      <div style={{ width: '100%', maxWidth: 720 }}>
        <CodeBlock code={snippet(language, window.location.origin, t.waitingKey)} />
      </div>
    </Stack>
  )
}
