"""Exports test cases and launches from TestOps to Jira with Xray Data Center, the way such scripts are written:
a call for every issue, step and run. The peer of `benches/peers.rs`; not meant for use."""

import os

import requests

TESTOPS, JIRA, PROJECT = os.environ["TESTOPS"], os.environ["JIRA"], os.environ["PROJECT"]
STATUSES = {"passed": "PASS", "failed": "FAIL", "broken": "FAIL"}

testops = requests.Session()
answer = testops.post(
    f"{TESTOPS}/api/uaa/oauth/token",
    data={"grant_type": "apitoken", "scope": "openid", "token": os.environ["TESTOPS_TOKEN"]},
)
answer.raise_for_status()
testops.headers["Authorization"] = "Bearer " + answer.json()["access_token"]

jira = requests.Session()
jira.headers["Authorization"] = "Bearer " + os.environ["JIRA_TOKEN"]


def read(path, **query):
    answer = testops.get(f"{TESTOPS}/api/{path}", params=query)
    answer.raise_for_status()
    return answer.json()


def pages(path, **query):
    page = 0
    while True:
        answer = read(path, page=page, size=100, **query)
        yield from answer["content"]
        page += 1
        if page >= answer["totalPages"]:
            return


def call(method, path, body=None, **query):
    answer = jira.request(method, JIRA + path, json=body, params=query)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def issue(kind, summary, label, description=""):
    found = call("GET", "/rest/api/2/search", jql=f'project = {PROJECT} AND labels = "{label}"', fields="summary")
    if found["issues"]:
        return found["issues"][0]["key"]
    fields = {
        "project": {"key": PROJECT},
        "issuetype": {"name": kind},
        "summary": summary,
        "description": description,
        "labels": [label],
    }
    return call("POST", "/rest/api/2/issue", {"fields": fields})["key"]


def steps(scenario, parent):
    for child in parent.get("children", []):
        step = scenario["scenarioSteps"].get(str(child), {})
        if step.get("sharedStepId"):
            shared = read(f"sharedstep/{step['sharedStepId']}/step")
            yield from steps(shared, shared["root"])
        elif step.get("body"):
            yield step
            yield from steps(scenario, step)


keys = {}
for row in pages("testcase/__search", projectId=1, rql=""):
    case = read(f"testcase/{row['id']}/overview")
    key = issue("Test", case["name"], f"script-{row['id']}", case.get("description") or "")
    scenario = read(f"testcase/{row['id']}/step")
    for step in steps(scenario, scenario["root"]):
        fields = {"Action": step["body"], "Expected Result": step.get("expectedResult") or ""}
        call("POST", f"/rest/raven/2.0/api/test/{key}/steps", {"fields": fields})
    keys[row["id"]] = key

for launch in pages("launch/__search", projectId=1, rql=""):
    execution = issue("Test Execution", launch["name"], f"script-launch-{launch['id']}")
    for result in pages("testresult", launchId=launch["id"]):
        result = read(f"testresult/{result['id']}")
        key = keys.get(result.get("testCaseId"))
        if key is None:
            continue
        call("POST", f"/rest/raven/2.0/api/testexec/{execution}/test", {"add": [key]})
        run = call("GET", "/rest/raven/2.0/api/testrun", testExecIssueKey=execution, testIssueKey=key)
        status = STATUSES.get(result["status"], "ABORTED")
        call("PUT", f"/rest/raven/2.0/api/testrun/{run['id']}/status", status=status)

print(f"{len(keys)} test cases")
