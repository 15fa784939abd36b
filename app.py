"""The page in the browser, as a Hugging Face Space or on your machine.

python app.py
"""

from multitoon.demo import build, launch

demo = build()

if __name__ == "__main__":
    launch(demo)
