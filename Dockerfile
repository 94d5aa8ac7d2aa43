# The image that web, workers and beat run from: no compiler, no root, no embedded services.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DEBUG=0
WORKDIR /app

COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements.txt \
 && useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin desk

COPY manage.py ./
COPY backoffice backoffice
COPY feeds feeds
COPY settlement settlement
COPY wallet wallet
COPY templates templates
COPY static static

# Settings refuse to load without these; nothing of them stays in the image.
RUN SECRET_KEY="only-for-collecting-static-files-0123456789-abcdefghij" ALLOWED_HOSTS=build \
    AUDIT_KEY="only-for-collecting-static-files-9876543210-jihgfedcba" \
    DATABASE_URL=postgresql://build/build REDIS_URL=redis://build \
    python manage.py collectstatic --no-input -v 0 \
 && mkdir /run/desk && chown desk /run/desk

USER desk
ENV PROMETHEUS_MULTIPROC_DIR=/run/desk
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["gunicorn", "-c", "python:backoffice.gunicorn", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", "backoffice.wsgi"]
