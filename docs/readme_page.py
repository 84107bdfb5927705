"""Puts the answers of the current program into README.md: the flagship's page and the generations table.
Usage: readme_page.py PATH/TO/aifactory"""
import json
import os
import re
import subprocess
import sys

binary = os.path.realpath(sys.argv[1])
root = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
flagship = "aifactory run scenarios/quickstart.json\n"
systems = {"hgx_h100": "H100", "hgx_h200": "H200", "hgx_b200": "B200", "gb200_nvl72": "GB200", "gb300_nvl72": "GB300",
           "vr200_nvl72": "VR200", "mi355x": "MI355X", "tpu_v7": "TPU v7", "trainium3": "Trainium3"}
rows = [("packages per GW, thousand", "fleet.packages_per_gw", 1e-3, 0),
        ("tokens/s, million", "throughput.tokens_per_second", 1e-6, 0),
        ("tokens/s per MW, thousand", "throughput.tokens_per_second_per_mw", 1e-3, 0),
        ("tokens per joule", "efficiency.tokens_per_joule", 1, 2),
        ("training MFU, %", "training.mfu", 100, 0),
        ("PUE", "power.pue_average", 1, 2),
        ("capex, B USD", "capex.total", 1e-9, 0),
        ("USD per accelerator-hour", "cost.usd_per_accelerator_hour", 1, 2),
        ("USD per million tokens", "cost.usd_per_mtoken", 1, 2)]


def aifactory(*arguments):
    return subprocess.run([binary, "--progress", "never", *arguments], cwd=root, check=True, capture_output=True, text=True).stdout


def cell(metrics, name, scale, digits):
    metric = metrics.get(name)
    if metric is None:
        return "-"
    value, low, high = (f"{metric[key] * scale:.{digits}f}" for key in ("value", "low", "high"))
    return f"{value} ({low}-{high}) *{metric['grade'][0]}*"


def replace_between(text, start, end, middle):
    begin = text.index(start) + len(start)
    return text[:begin] + middle + text[text.index(end, begin):]


answer = aifactory("run", "scenarios/quickstart.json")
results = json.loads(aifactory("run", "scenarios/generations.json", "--format", "json",
                               "--vary", "/fleet/0/system=" + ",".join(systems)))
table = "| | " + " | ".join(systems[result["varied"]["/fleet/0/system"]] for result in results) + " |\n"
table += "|---" * (len(results) + 1) + "|\n"
for label, *metric in rows:
    table += f"| {label} | " + " | ".join(cell(result["metrics"], *metric) for result in results) + " |\n"

path = os.path.join(root, "README.md")
with open(path) as file:
    readme = file.read()
readme = replace_between(readme, "$ " + flagship, "```", answer.rstrip() + "\n")
readme = replace_between(readme, "trainium3\n```\n", "Each cell carries the grade", "\n" + table + "\n")
per_gw = {boundary: round(int(re.search(rf"^  {boundary} .*?([\d,]{{7,}})", answer, re.M).group(1).replace(",", "")) / 1e3)
          for boundary in ("chip", "contracted")}
readme = re.sub(r"\d+ thousand packages per gigawatt at the chip and \d+ thousand",
                f"{per_gw['chip']} thousand packages per gigawatt at the chip and {per_gw['contracted']} thousand", readme)
with open(path, "w") as file:
    file.write(readme)
