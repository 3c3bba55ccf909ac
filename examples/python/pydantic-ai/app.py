from pydantic_ai import Agent

Agent.instrument_all()
agent = Agent("openai-chat:gpt-4o-mini", name="storyteller", model_settings={"max_tokens": 12})


@agent.tool_plain
def weather(city: str) -> str:
    """The weather in a city."""
    return f"Rain in {city}."


print(agent.run_sync("Tell me a story about the weather.").output)
