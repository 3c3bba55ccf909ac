from openai import OpenAI

answer = OpenAI().chat.completions.create(
    model="gpt-4o-mini",
    max_tokens=12,
    messages=[{"role": "user", "content": "Tell me a story."}],
)
print(answer.choices[0].message.content)
