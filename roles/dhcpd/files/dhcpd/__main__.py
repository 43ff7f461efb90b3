from ..core.errors import ClustoError
def main():
    print(ClustoError)
if __name__ == "__main__":
    main()
