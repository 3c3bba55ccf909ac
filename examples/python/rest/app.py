"""Needs nothing but Python: a trace in simple JSON."""
import json
import os
import time
import urllib.request

started = time.time()
answer = "Once upon a time there was a small lighthouse that was afraid"  # from whatever model you call
trace = {
    "name": "storyteller",
    "model": "gpt-4o-mini",
    "input": [{"role": "user", "content": "Tell me a story."}],
    "output": answer,
    "finish_reason": "length",
    "start_time": started,
    "end_time": time.time(),
    "usage": {"input_tokens": 9, "output_tokens": 12},
}
base = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318")
request = urllib.request.Request(f"{base}/api/v1/traces", json.dumps(trace).encode(), {"content-type": "application/json"})
print(urllib.request.urlopen(request).read().decode())
